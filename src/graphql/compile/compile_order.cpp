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

// The first keys of order_by must be exactly the distinct columns, in any order.
std::string Compiler::distinct_on(const Input &columns, const std::optional<Input> &order, const schema::Field &field,
                                  const std::string &alias, const std::string &path) {
  const schema::NamedType &names = *field.argument("distinct_on")->type.type;
  std::set<std::string> missing;
  std::string sql;
  for (const Input &item : columns.items())
    if (missing.insert(item.text()).second) sql += (sql.empty() ? "" : ", ") + column(alias, *names.value(item.text())->column);
  const Fault mismatch("\"distinct_on\" columns must match initial \"order_by\" columns", path);
  bool ordered = false;
  for (const Input &item : order ? order->items() : std::vector<Input>{}) {
    if (item.is_null()) continue;
    for (const auto &[name, member] : item.members()) {
      if (member.is_null() || (ordered && missing.empty())) continue;
      ordered = true;
      if (!missing.erase(name)) throw mismatch;
    }
  }
  if (ordered && !missing.empty()) throw mismatch;
  return sql.empty() ? "" : "DISTINCT ON (" + sql + ") ";
}

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
    if (key.kind == schema::InputKind::Computed) {
      keys.push_back(wrap(call(*key.function, alias)) + direction(member.text()));
      continue;
    }
    if (key.kind == schema::InputKind::ArrayAggregate) {
      aggregate_order_keys(member, key, alias, wrap, keys);
      continue;
    }
    const std::string target = new_alias();
    const std::string source = qualified_name(*key.relationship->to) + " AS " + target + " WHERE " + join(*key.relationship, alias, target);
    order_keys(
        member, *key.type.type, target, [&](const std::string &sql) { return wrap("(SELECT " + sql + " FROM " + source + " LIMIT 1)"); },
        keys);
  }
}

// <relationship>_aggregate: {count: asc, max: {price: desc}}. Each key is a sub-select over the related rows.
void Compiler::aggregate_order_keys(const Input &input, const schema::InputValue &key, const std::string &alias,
                                    const std::function<std::string(const std::string &)> &wrap, std::vector<std::string> &keys) {
  const schema::NamedType &type = *key.type.type;
  auto add_key = [&](const std::function<std::string(const std::string &)> &aggregated, const Input &order) {
    const std::string target = new_alias();
    const std::string rows = source(*key.relationship, alias) + " AS " + target + " WHERE " + join(*key.relationship, alias, target);
    keys.push_back(wrap("(SELECT " + aggregated(target) + " FROM " + rows + ")") + direction(order.text()));
  };
  for (const auto &[op, member] : input.members()) {
    if (member.is_null()) continue;
    if (type.input(op)->kind == schema::InputKind::Count) {
      add_key([](const std::string &) { return std::string("pg_catalog.count(*)"); }, member);
      continue;
    }
    for (const auto &[name, order] : member.members()) {
      if (order.is_null()) continue;
      const catalog::Column &aggregated = *type.input(op)->type.type->input(name)->column;
      add_key([&, op = op](const std::string &target) { return aggregate_call(op, column(target, aggregated), *aggregated.type); }, order);
    }
  }
}

} // namespace gqlsvl::graphql::compile
