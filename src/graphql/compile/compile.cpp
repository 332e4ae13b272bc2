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

// One, or as many as update_<table>_many has elements.
std::vector<Mutation> mutations_of(const Context &context, const schema::Field &field, const validation::ResponseField &selected,
                                   const std::string &path) {
  if (field.kind != schema::FieldKind::UpdateMany) return {{field, selected, field.arguments, std::nullopt, path, path + ".args"}};
  std::vector<Mutation> mutations;
  const schema::InputValue &updates = field.arguments.at(0);
  for (const language::Argument &argument : selected.selection->arguments)
    for (const Input &element : Input(argument.value, context.variables).items()) {
      const std::string inner = path + ".args.updates[" + std::to_string(mutations.size()) + "]";
      mutations.push_back({field, selected, updates.type.type->inputs, element, path, inner});
    }
  return mutations;
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
      if (field->kind == schema::FieldKind::Insert) out.error_path = out.path + ".args.objects";
      if (field->kind == schema::FieldKind::InsertOne) out.error_path = out.path + ".args.object";
      out.index = plan.changes.size();
      for (Mutation &mutation : mutations_of(context, *field, selected, out.path))
        plan.changes.push_back(Compiler::change(context, mutation));
      out.list = field->kind == schema::FieldKind::UpdateMany;
      out.count = plan.changes.size() - out.index;
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
                            const validation::Variables &variables, GraphQLError &error, const Options &options) {
  try {
    return compile_operation(Context{schema, document, variables, options, operation.kind == language::OperationKind::Subscription},
                             operation);
  } catch (const Fault &fault) {
    error = fault.error;
    return std::nullopt;
  }
}

RowByRow compile_row_by_row(const schema::Schema &schema, const language::Document &document, const validation::Variables &variables,
                            const RootField &field, const Options &options) {
  const Context context{schema, document, variables, options};
  const schema::Field &inserting = *schema.mutation->field(field.field.selection->name);
  return Compiler::insert_row_by_row(context, mutations_of(context, inserting, field.field, field.path).at(0));
}

} // namespace gqlsvl::graphql::compile
