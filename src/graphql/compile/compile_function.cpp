// Calls of functions: root fields that take their rows from one, computed fields, session arguments.
//
// Arguments go by position up to the first one left out, from there by name, so that defaults apply. The row of a computed field is the
// row itself where there is one, and is put together from its columns where a mutation hands on values. Names are qualified and parameters
// have the arguments' types: of overloaded functions Postgres finds the one that was meant.
#include "graphql/compile/compiler.h"

namespace gqlsvl::graphql::compile {

namespace {

std::string session_variables(const catalog::Type &type) {
  return "CAST(gqlsvl.session_variables() AS " + type_text(type) + ")"; // json or jsonb
}

const schema::InputValue *input_of(const schema::NamedType &type, std::size_t argument) {
  for (const schema::InputValue &input : type.inputs)
    if (input.argument == argument) return &input;
  return nullptr;
}

} // namespace

std::string Compiler::whole_row(const catalog::Table &table, const std::string &alias) {
  if (alias != changed_row) return *used_whole_.insert(alias).first;
  std::string columns;
  for (const catalog::Column &part : table.columns) columns += (columns.empty() ? "" : ", ") + column(alias, part);
  return "CAST(ROW(" + columns + ") AS " + qualified_name(table) + ")";
}

// `alias`: the row of a computed field. `type`: of `given`, the values for the others; null: it takes none.
std::string Compiler::call(const catalog::Function &function, const std::string &alias, const schema::NamedType *type,
                           const std::optional<Input> &given, const std::string &path) {
  std::string sql;
  bool by_name = false;
  for (std::size_t i = 0; i < function.arguments.size(); ++i) {
    const catalog::FunctionArgument &argument = function.arguments[i];
    const int index = static_cast<int>(i);
    std::string value;
    if (index == function.table_argument) {
      value = whole_row(*context_.schema.model->table(function.table), alias);
    } else if (index == function.session_argument) {
      value = session_variables(*argument.type);
    } else {
      const schema::InputValue *input = type ? input_of(*type, i) : nullptr;
      const auto member = input && given && !given->is_null() ? given->member(input->name) : std::nullopt;
      if (member) {
        value = this->value(*member, *argument.type);
      } else if (argument.has_default) {
        by_name = true;
        continue;
      } else {
        throw Fault("Non default arguments cannot be omitted", path, "not-supported");
      }
    }
    if (by_name && argument.name.empty()) throw Fault("Arguments before one without a name cannot be omitted", path, "not-supported");
    sql += (sql.empty() ? "" : ", ") + (by_name ? quote_name(argument.name) + " => " : "") + value;
  }
  return quote_name(function.schema) + "." + quote_name(function.name) + "(" + sql + ")";
}

// What FROM takes the rows of a field from, or the value of a computed field; `alias`: the row of that.
std::string Compiler::source(const schema::Field &field, const validation::ResponseField &selected, const std::string &alias,
                             const std::string &path) {
  if (!field.function) return qualified_name(*field.table);
  const schema::InputValue *arguments = field.argument("args");
  return call(*field.function, alias, arguments ? arguments->type.type.get() : nullptr, argument(selected, "args"), path + ".args.args");
}

std::string Compiler::source(const schema::Relationship &relationship, const std::string &alias) {
  return relationship.function ? call(*relationship.function, alias) : qualified_name(*relationship.to);
}

// A function that returns no row returns one of nulls in FROM.
std::string Compiler::row(const schema::Field &field, const validation::ResponseField &selected, const std::string &path) {
  Joins joins;
  const Source returned{new_alias(), &joins};
  const std::string object = row_object(*field.type.type, selected.selection_sets, returned, path);
  const std::string from = source(field, selected, {}, path);
  const TableArguments arguments = table_arguments(field, selected, returned.alias, "NOT (" + returned.alias + " IS NULL)", -1, path);
  return "(" + select(object, *field.table, from, returned.alias, joins, arguments) + ")";
}

// What lies behind the rows must be read after the function has run: by a second statement, as for other mutations.
Change Compiler::call_and_answer(const Context &context, const Mutation &mutation) {
  const schema::Field &field = mutation.field;
  Change result;
  Compiler calling(context);
  if (calling.takes_only_columns(mutation)) {
    const std::string sql = field.type.list ? calling.rows(field, mutation.selected, nullptr, mutation.path)
                                            : calling.row(field, mutation.selected, mutation.path);
    result.change = calling.take("SELECT " + sql);
    return result;
  }
  std::string columns;
  for (const auto &[number, taken] : answer(context, mutation, result))
    columns += (columns.empty() ? "" : ", ") + calling.column(changed_row, *taken);
  const std::string from = calling.source(field, mutation.selected, {}, mutation.path);
  const std::string exists = field.type.list ? "" : std::string("NOT (") + changed_row + " IS NULL)";
  const TableArguments arguments = calling.table_arguments(field, mutation.selected, changed_row, exists, -1, mutation.path);
  if (columns.empty() && !arguments.distinct.empty()) columns = "true"; // DISTINCT ON wants something to select
  result.change = calling.take(calling.select(columns, *field.table, from, changed_row, {}, arguments));
  return result;
}

} // namespace gqlsvl::graphql::compile
