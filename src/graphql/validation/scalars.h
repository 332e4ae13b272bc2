// Which values a scalar takes, as a literal of a document or as JSON of a variable.
//
// In:  the scalar, what was written, where it stands. Out: nothing when it is accepted, else the dialect's message and code.
// Always: values of database scalars are only looked at as far as GraphQL sees them; whether "abc" is a uuid, Postgres says.
// Source: docs/dialect.md, section 5, as Hasura v2: numbers may be strings in places of columns, json takes anything.
#pragma once
#include "graphql/schema/schema.h"

namespace gqlsvl::graphql::validation {

enum class ScalarClass { Int16, Int32, Int64, Number, Boolean, String, Id, Json };
enum class Written { Null, Boolean, Integer, Float, String, Enum, List, Object };

// Where a scalar stands decides how lenient we are.
enum class Place {
  Plain,    // an argument that is no column: as the specification says
  Column,   // compared with or written to a column: numbers and booleans may be strings
  Limit,    // a non-negative 32-bit integer
  Offset,   // a non-negative 64-bit integer, also as a string
  Variable, // not known yet: whatever one of the others would take
};

struct Refusal {
  std::string message, code = "validation-failed";
};

// A domain is classified by its base type.
ScalarClass classify(const schema::Schema &schema, const schema::NamedType &scalar);
Place place_of(const schema::InputValue *input);

// `text`: digits of a number, content of a string. Not for null, List and Object of other scalars than json: they are refused.
std::optional<Refusal> refuse_scalar(const schema::Schema &schema, const schema::NamedType &scalar, Place place, Written written,
                                     const std::string &text);

std::string describe(Written written);              // "a string"
Refusal null_refusal(const std::string &type_name); // unexpected null value for type 'x'
Refusal wrong_kind(const std::string &expected, const std::string &type_name, Written found);
std::optional<Refusal> refuse_enum_value(const schema::NamedType &type, const std::string &value);

// 3000000000 as "3.0e9", 2.5 as "2.5": how the dialect's messages show numbers.
std::string scientific(const std::string &number);
// "1e3" -> "1000", "2.0" -> "2"; nothing when the number is not an integer or has more than 40 digits.
std::optional<std::string> integral(const std::string &number);

} // namespace gqlsvl::graphql::validation
