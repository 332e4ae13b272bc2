// <table>_bool_exp -> a condition. Rules: docs/dialect.md, section 4.1.
#include "graphql/compile/compiler.h"

namespace gqlsvl::graphql::compile {

using schema::InputKind;

void unexpected_null(const schema::TypeRef &type, const std::string &path) {
  throw Fault("unexpected null value for type '" + type.type->name + "'", path);
}

std::string combine(const std::vector<std::string> &conditions, bool any) {
  std::string sql;
  for (const std::string &condition : conditions) {
    if (!any && condition == "true") continue;
    sql += (sql.empty() ? "" : any ? " OR " : " AND ") + condition;
  }
  if (sql.empty()) return any ? "false" : "true";
  return conditions.size() > 1 ? "(" + sql + ")" : sql;
}

namespace {

struct NamedOperator {
  std::string_view name, sql;
};
constexpr NamedOperator text_operators[] = {{"_like", "~~"}, {"_nlike", "!~~"}, {"_ilike", "~~*"}, {"_nilike", "!~~*"},
                                            {"_regex", "~"}, {"_nregex", "!~"}, {"_iregex", "~*"}, {"_niregex", "!~*"}};

struct TypedOperator {
  std::string_view name, sql;
  catalog::Oid operand; // 0: the type on the left
};
constexpr catalog::Oid text_oid = 25, text_array_oid = 1009, jsonpath_oid = 4072;
constexpr TypedOperator container_operators[] = {{"_contains", "@>", 0},
                                                 {"_contained_in", "<@", 0},
                                                 {"_has_key", "?", text_oid},
                                                 {"_has_keys_any", "?|", text_array_oid},
                                                 {"_has_keys_all", "?&", text_array_oid},
                                                 {"_jsonb_path_exists", "@?", jsonpath_oid},
                                                 {"_jsonb_path_match", "@@", jsonpath_oid}};

// Of the type's default operator class; null for other operators.
const std::string *generic_operator(const catalog::Type &type, const std::string &op) {
  return op == "_eq"    ? &type.eq
         : op == "_neq" ? &type.ne
         : op == "_gt"  ? &type.gt
         : op == "_gte" ? &type.ge
         : op == "_lt"  ? &type.lt
         : op == "_lte" ? &type.le
                        : nullptr;
}

} // namespace

std::string Compiler::filter(const Input &input, const schema::NamedType &type, const std::string &alias, const std::string &path) {
  std::vector<std::string> conditions;
  for (const auto &[name, member] : input.members()) {
    const schema::InputValue &key = *type.input(name);
    const std::string inner = path + "." + name;
    if (member.is_null()) unexpected_null(key.type, inner);
    switch (key.kind) {
    case InputKind::And: conditions.push_back(filter_list(member, type, alias, false, inner)); break;
    case InputKind::Or: conditions.push_back(filter_list(member, type, alias, true, inner)); break;
    case InputKind::Not: conditions.push_back("(NOT " + filter(member, type, alias, inner) + ")"); break;
    case InputKind::ObjectRelationship:
    case InputKind::ArrayRelationship: conditions.push_back(exists(member, key, alias, inner)); break;
    case InputKind::ArrayAggregate: conditions.push_back(aggregate_predicate(member, key, alias, inner)); break;
    case InputKind::Computed:
      conditions.push_back(comparison(member, *key.type.type, *key.function->scalar, call(*key.function, alias), inner));
      break;
    default: conditions.push_back(comparison(member, *key.type.type, *key.column->type, column(alias, *key.column), inner));
    }
  }
  return combine(conditions, false);
}

std::string Compiler::filter_list(const Input &input, const schema::NamedType &type, const std::string &alias, bool any,
                                  const std::string &path) {
  std::vector<std::string> conditions;
  std::size_t index = 0;
  for (const Input &item : input.items()) {
    const std::string inner = path + "[" + std::to_string(index++) + "]";
    if (item.is_null()) throw Fault("unexpected null value for type '" + type.name + "'", inner);
    conditions.push_back(filter(item, type, alias, inner));
  }
  return combine(conditions, any);
}

std::string Compiler::exists(const Input &input, const schema::InputValue &key, const std::string &alias, const std::string &path) {
  const std::string target = new_alias();
  const std::string joined = join(*key.relationship, alias, target);
  const std::string condition = filter(input, *key.type.type, target, path);
  return "EXISTS (SELECT FROM " + source(*key.relationship, alias) + " AS " + target + " WHERE " + joined +
         (condition == "true" ? "" : " AND " + condition) + ")";
}

// <relationship>_aggregate: {count: {predicate: {_gt: 10}, filter: {...}, arguments: [...], distinct: true}}
std::string Compiler::aggregate_predicate(const Input &input, const schema::InputValue &key, const std::string &alias,
                                          const std::string &path) {
  const auto members = input.members();
  if (members.size() != 1) throw Fault("exactly one predicate should be specified", path);
  const auto &[op, given] = members[0];
  const schema::InputValue &definition = *key.type.type->input(op);
  const std::string inner = path + "." + op, target = new_alias();
  if (given.is_null()) unexpected_null(definition.type, inner);
  const schema::NamedType &type = *definition.type.type;
  const catalog::Type *result = &schema::int8_type(); // of count
  std::string columns;
  std::size_t number = 0;
  if (const auto arguments = given.member("arguments"); arguments && !arguments->is_null())
    for (const Input &item : arguments->items()) {
      const catalog::Column &chosen = *type.input("arguments")->type.type->value(item.text())->column;
      columns += (number++ ? ", " : "") + column(target, chosen);
      if (definition.kind != InputKind::Count) result = chosen.type;
    }
  if (number > 1) columns = "ROW(" + columns + ")";
  const auto distinct = given.member("distinct"), where = given.member("filter");
  if (number > 0 && distinct && !distinct->is_null() && distinct->boolean()) columns = "DISTINCT " + columns;
  std::string condition = join(*key.relationship, alias, target);
  if (where && !where->is_null()) condition += " AND " + filter(*where, *type.input("filter")->type.type, target, inner + ".filter");
  const std::string aggregate = "(SELECT pg_catalog." + op + "(" + (columns.empty() ? "*" : columns) + ") FROM " +
                                qualified_name(*key.relationship->to) + " AS " + target + " WHERE " + condition + ")";
  return comparison(*given.member("predicate"), *type.input("predicate")->type.type, *result, aggregate, inner + ".predicate");
}

std::string Compiler::comparison(const Input &input, const schema::NamedType &type, const catalog::Type &compared, const std::string &left,
                                 const std::string &path) {
  std::vector<std::string> conditions;
  for (const auto &[op, operand] : input.members()) {
    const schema::InputValue &definition = *type.input(op);
    const std::string inner = path + "." + op;
    if (operand.is_null()) unexpected_null(definition.type, inner);
    if (definition.kind == InputKind::Cast) {
      conditions.push_back(cast_comparison(operand, *definition.type.type, left, inner));
      continue;
    }
    if (definition.type.item_non_null)
      for (const Input &item : operand.items())
        if (item.is_null()) unexpected_null(definition.type, inner);
    conditions.push_back(compare(op, operand, compared, left));
  }
  return combine(conditions, false);
}

// _cast: {String: {_like: "..."}}
std::string Compiler::cast_comparison(const Input &input, const schema::NamedType &type, const std::string &left, const std::string &path) {
  std::vector<std::string> conditions;
  for (const auto &[name, member] : input.members()) {
    const schema::TypeRef &target = type.input(name)->type;
    if (member.is_null()) unexpected_null(target, path + "." + name);
    conditions.push_back(comparison(member, *target.type, schema::text_type(), "CAST(" + left + " AS pg_catalog.text)", path + "." + name));
  }
  return combine(conditions, false);
}

std::string Compiler::compare(const std::string &op, const Input &input, const catalog::Type &type, const std::string &left) {
  if (op == "_is_null") return left + (input.boolean() ? " IS NULL" : " IS NOT NULL");
  if (op == "_in" || op == "_nin")
    return left + (op == "_in" ? " " + type.eq + " ANY (" : " " + type.ne + " ALL (") + list(input, type) + ")";
  if (const std::string *generic = generic_operator(type, op)) return left + " " + *generic + " " + value(input, type);
  for (const TypedOperator &known : container_operators) {
    if (known.name != op) continue;
    const Encoding encoding = known.operand == text_array_oid ? Encoding::List : Encoding::Scalar;
    return left + " OPERATOR(pg_catalog." + std::string(known.sql) + ") " +
           (known.operand ? add(input.parameter(known.operand, encoding)) : value(input, type));
  }
  return match(op, input, type, left);
}

// LIKE, SIMILAR TO and regular expressions. A pattern is text, also for char(n), which would lose trailing blanks.
std::string Compiler::match(const std::string &op, const Input &input, const catalog::Type &type, const std::string &left) {
  const bool builtin = type.schema == "pg_catalog";
  const std::string pattern = builtin ? add(input.parameter(text_oid, Encoding::Scalar)) : value(input, type);
  const std::string home = builtin ? "pg_catalog" : quote_name(type.schema); // citext has operators of its own
  if (op == "_similar" || op == "_nsimilar")
    return left + " OPERATOR(" + home + (op == "_similar" ? ".~) " : ".!~) ") + "pg_catalog.similar_to_escape(" +
           (builtin ? pattern : "CAST(" + pattern + " AS pg_catalog.text)") + ")";
  for (const NamedOperator &known : text_operators)
    if (known.name == op) return left + " OPERATOR(" + home + "." + std::string(known.sql) + ") " + pattern;
  throw Fault("operator '" + op + "' has no meaning for type '" + type.name + "'", "$");
}

} // namespace gqlsvl::graphql::compile
