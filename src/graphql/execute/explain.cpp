#include "graphql/execute/explain.h"

#include "graphql/compile/fault.h"
#include "graphql/execute/ready.h"

#include "pg/boundary.h"

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

class Explanation {
public:
  explicit Explanation(const Ready &ready) : ready_(ready) { statements_.kind = json::Kind::Array; }

  // `when`: the statement runs only then.
  void add(const std::string &path, const compile::Statement &statement, const char *when = nullptr) {
    if (statement.sql.empty()) return;
    json::Value entry, parameters;
    entry.kind = json::Kind::Object;
    parameters.kind = json::Kind::Array;
    for (const compile::Parameter &parameter : statement.parameters)
      parameters.items.push_back(parameter_json(parameter, ready_.variables));
    entry.members.emplace_back("path", string_value(path));
    entry.members.emplace_back("sql", string_value(statement.sql));
    entry.members.emplace_back("parameters", std::move(parameters));
    if (when) entry.members.emplace_back("when", string_value(when));
    statements_.items.push_back(std::move(entry));
  }
  std::string text() const { return "{\"statements\":" + json::to_string(statements_) + "}"; }

private:
  const Ready &ready_;
  json::Value statements_;
};

} // namespace

std::string explain(const RunRequest &request) {
  Errors errors;
  try {
    const std::optional<Ready> ready = make_ready(request, errors);
    if (!ready) return errors_response(errors);
    const compile::Plan &plan = ready->prepared->plan;
    Explanation explanation(*ready);
    explanation.add("$", plan.query);
    for (const compile::RootField &field : plan.fields) {
      if (field.kind != compile::RootField::Kind::Change) continue;
      for (std::size_t i = field.index; i < field.index + field.count; ++i) {
        explanation.add(field.path, plan.changes[i].change);
        for (const compile::InsertStep &step : plan.changes[i].steps) {
          explanation.add(field.path, step.insert);
          explanation.add(field.path, step.existing, "the statement before inserted or changed nothing");
        }
        explanation.add(field.path, plan.changes[i].answer);
      }
    }
    return explanation.text();
  } catch (const compile::Fault &fault) { return errors_response({fault.error}); }
}

} // namespace gqlsvl::graphql::execute
