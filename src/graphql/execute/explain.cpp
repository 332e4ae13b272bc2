#include "graphql/execute/explain.h"

#include "graphql/compile/fault.h"
#include "graphql/execute/policy_warnings.h"
#include "graphql/execute/ready.h"
#include "graphql/execute/sql_error.h"
#include "graphql/execute/statement.h"
#include "pg/transaction.h"

#include <algorithm>

namespace gqlsvl::graphql::execute {

namespace {

json::Value string_value(std::string text) {
  json::Value value;
  value.kind = json::Kind::String;
  value.text = std::move(text);
  return value;
}

json::Value parameter_json(const compile::Parameter &parameter, const validation::Variables &variables) {
  json::Value value;
  value.kind = json::Kind::Object;
  const char *type = pg::call([&] { return format_type_be_qualified(parameter.type); });
  value.members.emplace_back("type", string_value(type));
  if (parameter.source == compile::ParameterSource::AffectedRows) {
    value.members.emplace_back("from", string_value("affected rows"));
  } else if (parameter.source == compile::ParameterSource::ReturnedColumn) {
    value.members.emplace_back("from", string_value("returned column " + std::to_string(parameter.column + 1)));
  } else if (parameter.source == compile::ParameterSource::StepValue) {
    value.members.emplace_back("from",
                               string_value("insert " + std::to_string(parameter.step + 1) + ", row " + std::to_string(parameter.row + 1) +
                                            ", column " + std::to_string(parameter.column + 1)));
  } else {
    const std::optional<std::string> text = compile::parameter_text(parameter, variables);
    value.members.emplace_back("value", text ? string_value(*text) : json::Value{});
  }
  return value;
}

json::Value shapes_json(const std::vector<compile::Shape> &shapes) {
  json::Value list;
  list.kind = json::Kind::Array;
  for (const compile::Shape &shape : shapes) {
    json::Value &entry = list.items.emplace_back();
    entry.kind = json::Kind::Object;
    entry.members.emplace_back("path", string_value(shape.path));
    entry.members.emplace_back("shape", string_value(shape.name));
    entry.members.emplace_back("reason", string_value(shape.reason));
  }
  return list;
}

bool needs_earlier(const compile::Statement &statement) {
  return std::any_of(statement.parameters.begin(), statement.parameters.end(), [](const compile::Parameter &parameter) {
    return parameter.source != compile::ParameterSource::Literal && parameter.source != compile::ParameterSource::Variable;
  });
}

class Explanation {
public:
  Explanation(const Ready &ready, bool analyze) : ready_(ready), analyze_(analyze) { statements_.kind = json::Kind::Array; }

  // `when`: the statement runs only then.
  void add(const std::string &path, PreparedStatement &prepared, const char *when = nullptr) {
    const compile::Statement &statement = *prepared.statement;
    if (statement.sql.empty()) return;
    json::Value entry, parameters;
    entry.kind = json::Kind::Object;
    parameters.kind = json::Kind::Array;
    for (const compile::Parameter &parameter : statement.parameters)
      parameters.items.push_back(parameter_json(parameter, ready_.variables));
    entry.members.emplace_back("path", string_value(path));
    entry.members.emplace_back("sql", string_value(statement.sql));
    entry.members.emplace_back("parameters", std::move(parameters));
    if (!statement.shapes.empty()) entry.members.emplace_back("shapes", shapes_json(statement.shapes));
    if (when) entry.members.emplace_back("when", string_value(when));
    if (!needs_earlier(statement)) add_plan(entry, prepared);
    statements_.items.push_back(std::move(entry));
  }
  std::string text() const { return "{\"statements\":" + json::to_string(statements_) + "}"; }

private:
  // A value that its type refuses, or a missing right, is told in place of the plan.
  void add_plan(json::Value &entry, PreparedStatement &prepared) const {
    pg::Subtransaction attempt;
    try {
      pg::Spi spi;
      json::ParseError problem;
      std::optional<json::Value> plan = json::parse(plan_text(prepared, ready_.variables, analyze_), problem);
      json::Value warnings;
      warnings.kind = json::Kind::Array;
      for (const PolicyWarning &warning : policy_warnings(prepared.plan)) warnings.items.push_back(string_value(warning.text()));
      spi.finish();
      attempt.commit();
      if (plan && !plan->items.empty()) entry.members.emplace_back("plan", std::move(plan->items[0]));
      if (!warnings.items.empty()) entry.members.emplace_back("warnings", std::move(warnings));
    } catch (const Error &error) {
      if (belongs_to_caller(error.sqlstate)) throw;
      attempt.rollback();
      entry.members.emplace_back("error", string_value(error.message()));
    }
  }

  const Ready &ready_;
  const bool analyze_;
  json::Value statements_;
};

} // namespace

std::string explain(const RunRequest &request, bool analyze) {
  Errors errors;
  try {
    const std::optional<Ready> ready = make_ready(request, errors);
    if (!ready) return errors_response(errors);
    Prepared &prepared = *ready->prepared;
    const compile::Plan &plan = prepared.plan;
    const bool mutates = plan.kind == language::OperationKind::Mutation;
    if (mutates && analyze)
      throw compile::Fault("a mutation is not run to explain it: ask without analyze for its statements and plans", "$", "not-supported");
    std::optional<pg::ReadOnly> reading;
    if (!mutates) reading.emplace();
    Explanation explanation(*ready, analyze);
    explanation.add("$", *prepared.query);
    for (const compile::RootField &field : plan.fields) {
      if (field.kind != compile::RootField::Kind::Change) continue;
      for (std::size_t i = field.index; i < field.index + field.count; ++i) {
        explanation.add(field.path, *prepared.changes[i]);
        for (const auto &step : prepared.steps[i]) {
          explanation.add(field.path, step->insert);
          explanation.add(field.path, step->existing, "the statement before inserted or changed nothing");
        }
        explanation.add(field.path, *prepared.answers[i]);
      }
    }
    return explanation.text();
  } catch (const compile::Fault &fault) { return errors_response({fault.error}); }
}

} // namespace gqlsvl::graphql::execute
