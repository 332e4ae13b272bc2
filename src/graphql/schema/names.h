// Which names of the database can be names of the GraphQL API, and which name they get.
//
// Source: GraphQL specification, section 2.1.9 Name; docs/dialect.md, sections 5 and 8.
#pragma once
#include "catalog/model.h"

#include <string_view>

namespace gqlsvl::graphql::schema {

// [_A-Za-z][_0-9A-Za-z]*, and not reserved by a leading "__".
bool is_valid_name(const std::string &name);

// A name that the API gives to something else: a root type, a built-in scalar, a comparison input.
bool is_reserved_name(const std::string &base);

// Whether the API makes a name of its own by putting `suffix` behind a table's name: _aggregate, _bool_exp, _one (insert_orders_one) ...
bool is_derived_suffix(std::string_view suffix);

// A column's name is a value of enums too: true, false and null are none.
bool is_valid_column_name(const std::string &name);

// `orders` in schema public, `shop_orders` elsewhere; what an override says.
std::string table_base_name(const catalog::Table &table);

// The same of a table that the role may have no right on.
std::string table_base_name(const catalog::EnumTable &table);

// Whether the column's values are those of an enum: at least one row of the table that it refers to is a name.
bool is_enum(const catalog::EnumTable &table);
inline bool is_enum(const catalog::Column &column) { return column.enum_table && is_enum(*column.enum_table); }

// The table's name, or the one an override gives it: what relationships are called by.
const std::string &table_own_name(const catalog::Table &table);

// The scalar of a type that is no array: Int, String, ... or the type's own name.
std::string scalar_name(const catalog::Type &type);

// smallint, integer, bigint, real, float8, numeric, money: have sum and _inc.
bool is_numeric(const catalog::Type &type);

// Numeric and known to avg, stddev ...: all of them but money.
bool is_averageable(const catalog::Type &type);

// bigint, numeric, double precision: more than every JSON reader keeps exactly. (money is a string in any case.)
bool is_large_number(const catalog::Type &type);

// Has max and min.
bool is_comparable(const catalog::Type &type);

// text, varchar, char(n), citext: have LIKE, regular expressions ...
bool is_text(const catalog::Type &type);

// What max, sum ... of a column of this type are compared as.
const catalog::Type &aggregated_type(const std::string &op, const catalog::Type &type);

// json, jsonb: their fields take a path.
bool is_json(const catalog::Type &type);
bool is_jsonb(const catalog::Type &type);

// Of pg_catalog, whether a column has them or not.
const catalog::Type &text_type();
const catalog::Type &int4_type();
const catalog::Type &int8_type();
const catalog::Type &float8_type();
const catalog::Type &numeric_type();

} // namespace gqlsvl::graphql::schema
