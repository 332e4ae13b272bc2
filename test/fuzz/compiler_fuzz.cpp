// Documents that are made from the schema, so that nearly all are valid: the compiler takes or refuses each with a message, puts no value
// of the document into its SQL, and refers to no parameter that a statement does not have. The bytes decide what is selected.
#include "fuzz_schema.h"
#include "graphql/compile/compile.h"
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"

#include <cstdlib>

using namespace gqlsvl::graphql;

namespace {

constexpr char marker[] = "value_of_the_document"; // in each string written

class Maker {
public:
  Maker(const unsigned char *data, std::size_t size) : data_(data), end_(data + size) {}

  std::string document() {
    const schema::Schema &schema = fuzz::fuzz_schema();
    const bool mutates = schema.mutation && below(2);
    return (mutates ? "mutation " : "query ") + selections(mutates ? *schema.mutation : *schema.query, 4);
  }

private:
  std::size_t below(std::size_t limit) { return data_ == end_ || limit == 0 ? 0 : *data_++ % limit; }

  std::string selections(const schema::NamedType &type, int depth) {
    const std::vector<const schema::Field *> fields = schema::fields_by_name(fuzz::fuzz_schema(), type);
    std::string out = "{";
    for (std::size_t n = below(4) + 1; n > 0; --n) {
      const schema::Field &field = *fields[below(fields.size())];
      const bool composite = field.type.type->kind == schema::NamedKind::Object;
      if (composite && depth == 0) continue;
      out += " a" + std::to_string(++aliases_) + ": " + field.name + arguments(field.arguments);
      if (composite) out += selections(*field.type.type, depth - 1);
    }
    return out + " __typename }";
  }

  std::string arguments(const std::vector<schema::InputValue> &inputs) {
    std::string out;
    for (const schema::InputValue &input : inputs)
      if (input.type.non_null || below(3) == 1) out += (out.empty() ? "(" : " ") + input.name + ": " + value(input.type, 4);
    return out.empty() ? out : out + ")";
  }

  std::string value(const schema::TypeRef &type, int depth) {
    if (!type.list) return item(*type.type, depth);
    std::string out = "[";
    for (std::size_t n = below(3); n > 0; --n) out += item(*type.type, depth) + " ";
    return out + "]";
  }

  std::string item(const schema::NamedType &type, int depth) {
    if (type.kind == schema::NamedKind::Enum) return type.values[below(type.values.size())].name;
    if (type.kind == schema::NamedKind::Input) return object(type, depth);
    if (type.name == "Boolean") return below(2) ? "true" : "false";
    if (type.name == "Int" || type.name == "Float" || type.name == "bigint" || type.name == "smallint" || type.name == "numeric" ||
        type.name == "float8")
      return std::to_string(below(256));
    return '"' + std::string(marker) + "'\\\\\"";
  }

  std::string object(const schema::NamedType &type, int depth) {
    std::string out = "{";
    const std::size_t chosen = depth > 0 ? below(type.inputs.size() + 1) : type.inputs.size();
    for (std::size_t i = 0; i < type.inputs.size(); ++i)
      if (type.inputs[i].type.non_null || i == chosen) out += type.inputs[i].name + ": " + value(type.inputs[i].type, depth - 1) + " ";
    return out + "}";
  }

  const unsigned char *data_, *end_;
  int aliases_ = 0;
};

void check(const compile::Statement &statement) {
  const std::string &sql = statement.sql;
  if (sql.find(marker) != std::string::npos) abort();
  for (std::size_t at = sql.find('$'); at != std::string::npos; at = sql.find('$', at + 1)) {
    const std::size_t number = static_cast<std::size_t>(std::strtoul(sql.c_str() + at + 1, nullptr, 10));
    if (number == 0 || number > statement.parameters.size()) abort();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  const schema::Schema &schema = fuzz::fuzz_schema();
  GraphQLError error;
  const auto document = language::parse(Maker(data, size).document(), error);
  if (!document) abort();
  if (!validation::validate(schema, *document).empty()) return 0;
  const validation::Variables none;
  const auto plan = compile::compile(schema, *document, document->operations.at(0), none, error);
  if (!plan) {
    if (error.message.empty() || error.path.empty()) abort();
    return 0;
  }
  check(plan->query);
  for (const compile::Change &change : plan->changes) {
    check(change.change);
    check(change.answer);
    for (const compile::InsertStep &step : change.steps) {
      check(step.insert);
      check(step.existing);
    }
  }
  return 0;
}
