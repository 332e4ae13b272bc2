#include "graphql/compile/compiler.h"

namespace gqlsvl::graphql::compile {

namespace {

constexpr std::size_t most_values = 99; // a Postgres function takes 100 arguments, the first one holds the keys

std::string object_call(const Pairs &pairs, std::size_t from, std::size_t to) {
  std::string keys, values;
  for (std::size_t i = from; i < to; ++i) {
    keys += (i > from ? ", '" : "'") + pairs[i].first + "'"; // a GraphQL name: nothing to escape
    values += ", " + pairs[i].second;
  }
  return "gqlsvl.json_object(ARRAY[" + keys + "]" + values + ")";
}

} // namespace

std::string quote_name(const std::string &name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string qualified_name(const catalog::Table &table) { return quote_name(table.schema) + "." + quote_name(table.name); }
std::string type_text(const catalog::Type &type) { return quote_name(type.schema) + "." + quote_name(type.name); }

std::string json_object(const Pairs &pairs) {
  if (pairs.empty()) return "CAST('{}' AS pg_catalog.json)"; // everything was skipped
  if (pairs.size() <= most_values) return object_call(pairs, 0, pairs.size());
  std::string parts;
  for (std::size_t from = 0; from < pairs.size(); from += most_values)
    parts += (from > 0 ? ", " : "") + object_call(pairs, from, std::min(pairs.size(), from + most_values));
  return "gqlsvl.json_join(" + parts + ")";
}

std::string json_list(const std::string &expression) { return "gqlsvl.json_list(" + expression + ")"; }

std::string type_name(const schema::NamedType &type) { return "'" + type.name + "'"; }

std::string Compiler::add(Parameter parameter) {
  parameters_.push_back(std::move(parameter));
  return "$" + std::to_string(parameters_.size());
}

// json or jsonb, or a domain over one of them.
bool Compiler::is_json(catalog::Oid oid) const {
  const auto &types = context_.schema.model->types;
  for (auto type = types.find(oid); type != types.end(); type = types.find(type->second->base))
    if (type->second->kind != catalog::TypeKind::Domain)
      return type->second->schema == "pg_catalog" && (type->second->name == "json" || type->second->name == "jsonb");
  return false;
}

std::string Compiler::value(const Input &input, const catalog::Type &type) {
  if (type.kind != catalog::TypeKind::Array) return add(input.parameter(type.oid, is_json(type.oid) ? Encoding::Json : Encoding::Scalar));
  Parameter array = input.parameter(type.oid, Encoding::Array);
  array.json_items = is_json(type.element);
  return add(std::move(array));
}

// Several values of a type as one array.
std::string Compiler::list(const Input &input, const catalog::Type &type) {
  Parameter values = input.parameter(type.array, Encoding::List);
  values.json_items = is_json(type.oid);
  return add(std::move(values));
}

std::string Compiler::column(const std::string &alias, const catalog::Column &column) {
  used_[alias][column.attnum] = &column;
  return alias + "." + quote_name(column.name);
}

// A value as the answer has it: what a JSON number may not hold exactly is a string, when the setting says so.
std::string Compiler::output(const std::string &expression, const catalog::Type &type) const {
  if (!context_.options.stringify_numerics) return expression;
  const auto &types = context_.schema.model->types;
  const catalog::Type *base = &type;
  bool list = false;
  while (base->kind == catalog::TypeKind::Domain || base->kind == catalog::TypeKind::Array) {
    list |= base->kind == catalog::TypeKind::Array;
    const auto below = types.find(base->kind == catalog::TypeKind::Array ? base->element : base->base);
    if (below == types.end()) return expression;
    base = below->second.get();
  }
  if (!schema::is_large_number(*base)) return expression;
  return "CAST(" + expression + " AS pg_catalog.text" + (list ? "[])" : ")");
}

// Of one list: the smaller of gqlsvl.max_rows and the table's own; -1: no limit.
std::int64_t Compiler::most_rows(const catalog::Table &table) const {
  const std::int64_t of_all = context_.options.max_rows > 0 ? context_.options.max_rows : -1;
  if (!table.options.max_rows) return of_all;
  return of_all < 0 ? *table.options.max_rows : std::min<std::int64_t>(of_all, *table.options.max_rows);
}

std::string Compiler::join(const schema::Relationship &relationship, const std::string &from, const std::string &to) {
  if (relationship.function) return "true";
  std::string sql;
  for (const auto &[left, right] : relationship.columns) {
    const catalog::Column &ours = *relationship.from->column(left), &theirs = *relationship.to->column(right);
    const std::string &op = theirs.type->eq.empty() ? ours.type->eq : theirs.type->eq;
    if (!sql.empty()) sql += " AND ";
    sql += column(to, theirs) + " " + (op.empty() ? "OPERATOR(pg_catalog.=)" : op) + " " + column(from, ours);
  }
  return sql;
}

std::optional<Input> Compiler::argument(const validation::ResponseField &selected, const std::string &name) const {
  for (const language::Argument &argument : selected.selection->arguments)
    if (argument.name == name) return Input(argument.value, context_.variables);
  return std::nullopt;
}

std::vector<validation::ResponseField> Compiler::fields_of(const schema::NamedType &type, const validation::SelectionSets &sets) const {
  return validation::collect_fields(context_.document, context_.variables, type, sets);
}

} // namespace gqlsvl::graphql::compile
