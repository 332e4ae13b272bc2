#include "graphql/schema/table_names.h"

#include <string_view>

namespace gqlsvl::graphql::schema {

bool TableNames::is_generated(const std::string &name, const Names &bases) {
  for (std::size_t end = name.find('_', 1); end != std::string::npos; end = name.find('_', end + 1))
    if (is_derived_suffix(std::string_view(name).substr(end)) && bases.count(name.substr(0, end))) return true;
  return false;
}

TableNames::TableNames(const std::vector<const catalog::Table *> &tables, const std::map<catalog::Oid, catalog::EnumTable> &enums) {
  for (const auto &[oid, table] : enums) {
    if (!is_enum(table)) continue;
    std::string name = table_base_name(table) + "_enum";
    while (!bases_.insert(name).second) name += "_enum"; // shop.order and public.shop_order
    enums_[oid] = name;
  }
  Names plain; // every one, so that a clash does not depend on which comes first
  for (const catalog::Table *table : tables) plain.insert(table_base_name(*table));
  std::vector<const catalog::Table *> clashing;
  for (const bool bare : {true, false}) // of equal names that in schema public counts
    for (const catalog::Table *table : tables) {
      const std::string base = table_base_name(*table);
      if ((table->schema == "public") != bare || !is_valid_name(base)) continue;
      if (is_reserved_name(base) || is_generated(base, plain) || !bases_.insert(base).second)
        clashing.push_back(table);
      else
        by_table_[table] = base;
    }
  for (const catalog::Table *table : clashing) {
    std::string base = table_base_name(*table);
    do base += "_table";
    while (plain.count(base) || !bases_.insert(base).second);
    by_table_[table] = base;
  }
}

const std::string *TableNames::base_of(const catalog::Table &table) const {
  auto found = by_table_.find(&table);
  return found == by_table_.end() ? nullptr : &found->second;
}

} // namespace gqlsvl::graphql::schema
