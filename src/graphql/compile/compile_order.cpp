// <table>_order_by -> ORDER BY. Keys in the order of the document; a null key is skipped.
#include "graphql/compile/compiler.h"

namespace gqlsvl::graphql::compile {

std::string order_direction(const std::string &value) {
  const bool descending = value.compare(0, 4, "desc") == 0;
  const bool first = value == "asc_nulls_first" || value == "desc" || value == "desc_nulls_first";
  return std::string(descending ? " DESC" : " ASC") + (first ? " NULLS FIRST" : " NULLS LAST");
}

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

void Compiler::order_by(const Input &input, const schema::NamedType &type, const std::string &alias, TableArguments &arguments) {
  for (const Input &item : input.items())
    if (!item.is_null())
      order_keys(
          item, type, alias, [](const std::string &sql) { return sql; }, arguments, false);
}

// A column of a related row: of the joined row, or from a sub-select that reaches it. `related`: `alias` is not the source itself.
void Compiler::order_keys(const Input &input, const schema::NamedType &type, const std::string &alias, const Wrap &wrap,
                          TableArguments &arguments, bool related) {
  for (const auto &[name, member] : input.members()) {
    if (member.is_null()) continue;
    const schema::InputValue &key = *type.input(name);
    if (key.kind == schema::InputKind::Column) {
      arguments.keys.push_back({wrap(column(alias, *key.column)), order_direction(member.text()), !related});
      continue;
    }
    if (key.kind == schema::InputKind::Computed) {
      arguments.keys.push_back({wrap(call(*key.function, alias)), order_direction(member.text()), false});
      continue;
    }
    if (key.kind == schema::InputKind::ArrayAggregate) {
      aggregate_order_keys(member, key, alias, wrap, arguments);
      continue;
    }
    const std::string target = new_alias();
    const std::string table = qualified_name(*key.relationship->to) + " AS " + target, joined = join(*key.relationship, alias, target);
    if (!context_.live && is_single(*key.relationship) && arguments.joins.count < most_joins) {
      ++arguments.joins.count;
      arguments.joins.sql += " LEFT JOIN " + table + " ON " + joined;
      order_keys(member, *key.type.type, target, wrap, arguments, true);
      continue;
    }
    order_keys(
        member, *key.type.type, target,
        [&](const std::string &sql) { return wrap("(SELECT " + sql + " FROM " + table + " WHERE " + joined + " LIMIT 1)"); }, arguments,
        true);
  }
}

// <relationship>_aggregate: {count: asc, max: {price: desc}}. Each key is a sub-select over the related rows.
void Compiler::aggregate_order_keys(const Input &input, const schema::InputValue &key, const std::string &alias, const Wrap &wrap,
                                    TableArguments &arguments) {
  const schema::NamedType &type = *key.type.type;
  auto add_key = [&](const std::function<std::string(const std::string &)> &aggregated, const Input &order) {
    const std::string target = new_alias();
    const std::string rows = source(*key.relationship, alias) + " AS " + target + " WHERE " + join(*key.relationship, alias, target);
    arguments.keys.push_back({wrap("(SELECT " + aggregated(target) + " FROM " + rows + ")"), order_direction(order.text()), false});
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
