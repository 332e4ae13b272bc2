#include "graphql/compile/compiler.h"

namespace gqlsvl::graphql::compile {

namespace {

constexpr std::size_t most_pairs = 50; // a Postgres function takes 100 arguments

std::string object_call(const Pairs &pairs, std::size_t from, std::size_t to) {
  std::string sql = "pg_catalog.json_build_object(";
  for (std::size_t i = from; i < to; ++i)
    sql += (i > from ? ", '" : "'") + pairs[i].first + "', " + pairs[i].second; // a GraphQL name: nothing to escape
  return sql + ")";
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

// Longer objects are joined as text: json has no operator that keeps the order of keys.
std::string json_object(const Pairs &pairs) {
  if (pairs.size() <= most_pairs) return object_call(pairs, 0, pairs.size());
  std::string sql = "CAST(pg_catalog.concat('{'";
  for (std::size_t from = 0; from < pairs.size(); from += most_pairs) {
    const std::size_t to = std::min(pairs.size(), from + most_pairs);
    if (from > 0) sql += ", ','";
    sql += ", pg_catalog.left(pg_catalog.substr(CAST(" + object_call(pairs, from, to) + " AS pg_catalog.text), 2), -1)";
  }
  return sql + ", '}') AS pg_catalog.json)";
}

std::string json_list(const std::string &expression) {
  return "COALESCE(pg_catalog.json_agg(" + expression + "), CAST('[]' AS pg_catalog.json))";
}

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

std::string Compiler::join(const schema::Relationship &relationship, const std::string &from, const std::string &to) {
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
