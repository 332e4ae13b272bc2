#include "graphql/schema/names.h"

#include <algorithm>
#include <initializer_list>

namespace gqlsvl::graphql::schema {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_builtin(const catalog::Type &type, std::initializer_list<std::string_view> names) {
  return type.schema == "pg_catalog" && std::find(names.begin(), names.end(), type.name) != names.end();
}

} // namespace

bool is_valid_name(const std::string &name) {
  if (name.empty() || !is_letter(name[0]) || name.compare(0, 2, "__") == 0) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_reserved_name(const std::string &base) {
  static constexpr std::string_view names[] = {"query_root", "mutation_root", "subscription_root", "order_by", "cursor_ordering",     "Int",
                                               "Float",      "String",        "Boolean",           "ID",       "no_queries_available"};
  return std::find(std::begin(names), std::end(names), base) != std::end(names) || base.ends_with("_comparison_exp") ||
         base.ends_with("_cast_exp");
}

bool is_derived_suffix(std::string_view suffix) {
  static constexpr std::string_view suffixes[] = {
      "_by_pk",         "_one",           "_many",       "_stream",           "_aggregate", "_mutation_response", "_on_conflict",
      "_select_column", "_update_column", "_constraint", "_pk_columns_input", "_updates",   "_bool_exp",          "_order_by"};
  if (std::find(std::begin(suffixes), std::end(suffixes), suffix) != std::end(suffixes)) return true;
  return suffix.starts_with("_aggregate_") || suffix.starts_with("_group_by") || suffix.starts_with("_select_column_") ||
         suffix.ends_with("_fields") || suffix.ends_with("_input") || suffix.ends_with("_order_by");
}

bool is_valid_column_name(const std::string &name) { return is_valid_name(name) && name != "true" && name != "false" && name != "null"; }

namespace {

std::string base_name(const std::string &schema, const std::string &name, const std::string &renamed) {
  if (is_valid_name(renamed)) return renamed;
  return schema == "public" ? name : schema + "_" + name;
}

} // namespace

std::string table_base_name(const catalog::Table &table) { return base_name(table.schema, table.name, table.overrides.name); }
std::string table_base_name(const catalog::EnumTable &table) { return base_name(table.schema, table.name, table.renamed); }

bool is_enum(const catalog::EnumTable &table) {
  return is_valid_name(table_base_name(table)) &&
         std::any_of(table.values.begin(), table.values.end(), [](const auto &value) { return is_valid_column_name(value.first); });
}

const std::string &table_own_name(const catalog::Table &table) { return table.overrides.name.empty() ? table.name : table.overrides.name; }

std::string scalar_name(const catalog::Type &type) {
  struct Renamed {
    std::string_view type, scalar;
  };
  static constexpr Renamed renamed[] = {{"int4", "Int"},     {"int2", "smallint"}, {"int8", "bigint"},   {"float4", "Float"},
                                        {"bool", "Boolean"}, {"text", "String"},   {"varchar", "String"}};
  if (type.schema == "pg_catalog")
    for (const Renamed &entry : renamed)
      if (entry.type == type.name) return std::string(entry.scalar);
  return type.kind == catalog::TypeKind::Composite ? type.name + "_scalar" : type.name;
}

bool is_numeric(const catalog::Type &type) { return is_builtin(type, {"int2", "int4", "int8", "float4", "float8", "numeric", "money"}); }

bool is_averageable(const catalog::Type &type) { return is_numeric(type) && type.name != "money"; }

bool is_large_number(const catalog::Type &type) { return is_builtin(type, {"int8", "numeric", "float8"}); }

bool is_comparable(const catalog::Type &type) {
  return is_numeric(type) || is_text(type) || type.kind == catalog::TypeKind::Enum ||
         is_builtin(type, {"uuid", "date", "timestamp", "timestamptz", "timetz"});
}

bool is_json(const catalog::Type &type) { return is_builtin(type, {"json", "jsonb"}); }
bool is_jsonb(const catalog::Type &type) { return is_builtin(type, {"jsonb"}); }

namespace {

const catalog::Type *builtin_type(catalog::Oid oid, const char *name, catalog::Oid array) {
  auto *type = new catalog::Type; // never freed, so that no destructor runs at exit
  type->oid = oid;
  type->schema = "pg_catalog";
  type->name = name;
  type->array = array;
  type->eq = "OPERATOR(pg_catalog.=)";
  type->ne = "OPERATOR(pg_catalog.<>)";
  type->lt = "OPERATOR(pg_catalog.<)";
  type->le = "OPERATOR(pg_catalog.<=)";
  type->gt = "OPERATOR(pg_catalog.>)";
  type->ge = "OPERATOR(pg_catalog.>=)";
  return type;
}

} // namespace

const catalog::Type &text_type() {
  static const catalog::Type *const type = builtin_type(25, "text", 1009);
  return *type;
}

const catalog::Type &int4_type() {
  static const catalog::Type *const type = builtin_type(23, "int4", 1007);
  return *type;
}

const catalog::Type &int8_type() {
  static const catalog::Type *const type = builtin_type(20, "int8", 1016);
  return *type;
}

const catalog::Type &float8_type() {
  static const catalog::Type *const type = builtin_type(701, "float8", 1022);
  return *type;
}

const catalog::Type &numeric_type() {
  static const catalog::Type *const type = builtin_type(1700, "numeric", 1231);
  return *type;
}

// sum and avg of whole numbers are wider than their column.
const catalog::Type &aggregated_type(const std::string &op, const catalog::Type &type) {
  if (op == "max" || op == "min" || type.name == "money") return type;
  return type.name == "float4" || type.name == "float8" ? float8_type() : numeric_type();
}

bool is_text(const catalog::Type &type) {
  return is_builtin(type, {"text", "varchar", "bpchar"}) || (type.kind == catalog::TypeKind::Base && type.name == "citext");
}

} // namespace gqlsvl::graphql::schema
