#include "graphql/compile/compile.h"

#include "graphql/compile/compiler.h"

#include <algorithm>

namespace gqlsvl::graphql::compile {

namespace {

const schema::NamedType *root_type(const schema::Schema &schema, language::OperationKind kind) {
  switch (kind) {
  case language::OperationKind::Mutation: return schema.mutation;
  case language::OperationKind::Subscription: return schema.subscription;
  default: return schema.query;
  }
}

std::string quoted(const std::string &text) {
  std::string json;
  json::append_string(json, text);
  return json;
}

Plan compile_operation(const Context &context, const language::Operation &operation) {
  const schema::NamedType &root = *root_type(context.schema, operation.kind);
  Plan plan;
  plan.kind = operation.kind;
  Compiler query(context);
  std::string columns;
  for (const validation::ResponseField &selected : validation::collect_fields(context.document, context.variables, root, operation)) {
    RootField out;
    out.response_key = selected.response_key;
    out.path = "$.selectionSet." + selected.selection->name;
    const schema::Field *field = root.field(selected.selection->name);
    if (!field && selected.selection->name == "__typename") {
      out.constant = quoted(root.name);
    } else if (!field || field->kind == schema::FieldKind::Introspection) {
      out.kind = RootField::Kind::Introspection;
      out.field = selected;
    } else if (field->kind == schema::FieldKind::NoQueries) {
      out.constant = quoted("There are no queries available to the current role. Please grant it rights on a table.");
    } else if (operation.kind == language::OperationKind::Mutation) {
      out.kind = RootField::Kind::Change;
      out.field = selected;
      out.index = plan.changes.size();
      plan.changes.push_back(Compiler::change(context, *field, selected, out.path));
    } else {
      out.kind = RootField::Kind::QueryColumn;
      out.index = static_cast<std::size_t>(std::count_if(
          plan.fields.begin(), plan.fields.end(), [](const RootField &other) { return other.kind == RootField::Kind::QueryColumn; }));
      columns += (columns.empty() ? "" : ", ") + query.root(*field, selected, out.path);
    }
    plan.fields.push_back(std::move(out));
  }
  if (!columns.empty()) plan.query = query.take("SELECT " + columns);
  return plan;
}

} // namespace

std::optional<Plan> compile(const schema::Schema &schema, const language::Document &document, const language::Operation &operation,
                            const validation::Variables &variables, GraphQLError &error) {
  try {
    return compile_operation(Context{schema, document, variables}, operation);
  } catch (const Fault &fault) {
    error = fault.error;
    return std::nullopt;
  }
}

RowByRow compile_row_by_row(const schema::Schema &schema, const language::Document &document, const validation::Variables &variables,
                            const RootField &field) {
  return Compiler::insert_row_by_row(Context{schema, document, variables}, *schema.mutation->field(field.field.selection->name),
                                     field.field, field.path);
}

} // namespace gqlsvl::graphql::compile
