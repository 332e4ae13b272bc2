// What the rules share: schema, document, the place the walk is at, and the errors so far.
#pragma once
#include "graphql/validation/fragment_graph.h"
#include "graphql/validation/scalars.h"
#include "graphql/validation/validate.h"

namespace gqlsvl::graphql::validation {

struct Context {
  Context(const schema::Schema &schema, const language::Document &document, const ValidationLimits &limits)
      : schema(schema), document(document), limits(limits), fragments(document) {}

  const schema::Schema &schema;
  const language::Document &document;
  const ValidationLimits &limits;
  const FragmentGraph fragments;
  std::string path = "$"; // of the node the walk is at: $.selectionSet.orders.args.where
  Errors errors;

  bool full() const { return errors.size() >= limits.max_errors; }
  void report(const std::string &message, language::Location at, const std::string &code = "validation-failed") {
    report_at(path, message, at, code);
  }
  void report(const Refusal &refusal, language::Location at) { report(refusal.message, at, refusal.code); }
  // What only strictness refuses: see ValidationLimits::lenient.
  void report_strict(const std::string &where, const std::string &message, language::Location at) {
    if (full()) return;
    report_at(where, message, at);
    errors.back().hint = "Correct the document, or set gqlsvl.hasura_lenient_validation = on, which lets it pass as Hasura does.";
  }
  void report_at(const std::string &where, const std::string &message, language::Location at,
                 const std::string &code = "validation-failed") {
    if (full()) return;
    GraphQLError error;
    error.message = message;
    error.code = code;
    error.path = where;
    error.locations = {at};
    errors.push_back(std::move(error));
  }
};

// Appends to a context's path for as long as it lives.
class PathStep {
public:
  PathStep(Context &context, const std::string &step) : path_(context.path), length_(context.path.size()) { path_ += step; }
  ~PathStep() { path_.resize(length_); }
  PathStep(const PathStep &) = delete;
  PathStep &operator=(const PathStep &) = delete;

private:
  std::string &path_;
  std::size_t length_;
};

} // namespace gqlsvl::graphql::validation
