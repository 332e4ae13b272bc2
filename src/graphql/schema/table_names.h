// The names that all types and root fields of a table are made from, so that no two of them are the same.
//
// In:  the model's tables, and those whose rows are enums. Out: per table its base name, or none: a name that is no GraphQL name leaves the
// table out of the API; per enum its name, <table>_enum.
// Always: a table keeps its plain name (`orders`, `shop_orders`) unless that is GraphQL's own (`String`, `query_root`), another table's,
// an enum's, or one that another table's types and fields are given (`orders_aggregate`, `orders_by_pk`): then `_table` is added.
#pragma once
#include "graphql/schema/names.h"

#include <unordered_map>
#include <unordered_set>

namespace gqlsvl::graphql::schema {

class TableNames {
public:
  TableNames(const std::vector<const catalog::Table *> &tables, const std::map<catalog::Oid, catalog::EnumTable> &enums);
  const std::string *base_of(const catalog::Table &table) const;                      // null: left out
  const std::string &enum_name(catalog::Oid table) const { return enums_.at(table); } // of one that is_enum
  // Whether a table's type has this name, so that a scalar cannot.
  bool is_taken(const std::string &type_name) const {
    return bases_.count(type_name) || others_.count(type_name) || is_generated(type_name, bases_);
  }
  // Takes a name for a type of no table; false when it is taken already, or the API's own.
  bool take(const std::string &type_name) {
    return !is_reserved_name(type_name) && !is_taken(type_name) && others_.insert(type_name).second;
  }

private:
  using Names = std::unordered_set<std::string>;
  static bool is_generated(const std::string &name, const Names &bases); // one of them and a suffix of the API's
  std::unordered_map<const catalog::Table *, std::string> by_table_;
  Names bases_;  // and the names of enums
  Names others_; // types of no table
  std::unordered_map<catalog::Oid, std::string> enums_;
};

} // namespace gqlsvl::graphql::schema
