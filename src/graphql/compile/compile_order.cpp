// <table>_order_by -> ORDER BY. Keys in the order of the document; a null key is skipped.
#include "graphql/compile/compiler.h"

namespace gqlsvl::graphql::compile {

namespace {

std::string direction(const std::string &value) {
  const bool descending = value.compare(0, 4, "desc") == 0;
  const bool first = value == "asc_nulls_first" || value == "desc" || value == "desc_nulls_first";
  return std::string(descending ? " DESC" : " ASC") + (first ? " NULLS FIRST" : " NULLS LAST");
}

} // namespace

std::string Compiler::order_by(const Input &input, const schema::NamedType &type, const std::string &alias) {
  std::vector<std::string> keys;
  for (const Input &item : input.items())
    if (!item.is_null())
      order_keys(
          item, type, alias, [](const std::string &sql) { return sql; }, keys);
  std::string sql;
  for (const std::string &key : keys) sql += (sql.empty() ? " ORDER BY " : ", ") + key;
  return sql;
}

// `wrap` puts a column of a related row into the sub-select that reaches it.
void Compiler::order_keys(const Input &input, const schema::NamedType &type, const std::string &alias,
                          const std::function<std::string(const std::string &)> &wrap, std::vector<std::string> &keys) {
  for (const auto &[name, member] : input.members()) {
    if (member.is_null()) continue;
    const schema::InputValue &key = *type.input(name);
    if (key.kind == schema::InputKind::Column) {
      keys.push_back(wrap(column(alias, *key.column)) + direction(member.text()));
      continue;
    }
    const std::string target = new_alias();
    const std::string source = qualified_name(*key.relationship->to) + " AS " + target + " WHERE " + join(*key.relationship, alias, target);
    order_keys(
        member, *key.type.type, target, [&](const std::string &sql) { return wrap("(SELECT " + sql + " FROM " + source + " LIMIT 1)"); },
        keys);
  }
}

} // namespace gqlsvl::graphql::compile
