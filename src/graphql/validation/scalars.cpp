#include "graphql/validation/scalars.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace gqlsvl::graphql::validation {

namespace {

struct NamedClass {
  std::string_view name;
  ScalarClass scalar_class;
};

// By the name of the GraphQL scalar and of the Postgres type (of a domain's base); every other scalar takes strings.
constexpr NamedClass classes[] = {{"Int", ScalarClass::Int32},      {"int4", ScalarClass::Int32},    {"smallint", ScalarClass::Int16},
                                  {"int2", ScalarClass::Int16},     {"bigint", ScalarClass::Int64},  {"int8", ScalarClass::Int64},
                                  {"numeric", ScalarClass::Number}, {"Float", ScalarClass::Number},  {"float4", ScalarClass::Number},
                                  {"float8", ScalarClass::Number},  {"money", ScalarClass::Number},  {"Boolean", ScalarClass::Boolean},
                                  {"bool", ScalarClass::Boolean},   {"ID", ScalarClass::Id},         {"json", ScalarClass::Json},
                                  {"jsonb", ScalarClass::Json},     {"geometry", ScalarClass::Json}, {"geography", ScalarClass::Json}};

ScalarClass by_name(std::string_view name) {
  for (const NamedClass &c : classes)
    if (c.name == name) return c.scalar_class;
  return ScalarClass::String;
}

// A decimal number taken apart: value = 0.DIGITS * 10^exponent, without zeros at either end.
struct Decimal {
  bool negative = false;
  std::string digits;
  long exponent = 0;
};

Decimal take_apart(std::string_view text) {
  Decimal out;
  if (!text.empty() && text[0] == '-') {
    out.negative = true;
    text.remove_prefix(1);
  }
  const std::size_t e = text.find_first_of("eE");
  std::string_view mantissa = text.substr(0, e);
  if (e != std::string_view::npos) {
    std::string_view power = text.substr(e + 1);
    if (!power.empty() && power[0] == '+') power.remove_prefix(1);
    if (std::from_chars(power.data(), power.data() + power.size(), out.exponent).ec != std::errc{} || std::labs(out.exponent) > 100000000)
      out.exponent = !power.empty() && power[0] == '-' ? -100000000 : 100000000;
  }
  const std::size_t dot = std::min(mantissa.find('.'), mantissa.size());
  out.exponent += static_cast<long>(dot);
  out.digits = mantissa.substr(0, dot);
  if (dot < mantissa.size()) out.digits += mantissa.substr(dot + 1);
  const std::size_t first = std::min(out.digits.find_first_not_of('0'), out.digits.size());
  out.digits.erase(0, first);
  out.exponent -= static_cast<long>(first);
  out.digits.erase(out.digits.find_last_not_of('0') + 1);
  return out;
}

bool fits(const std::string &integer, ScalarClass scalar_class) {
  long long value = 0;
  const char *end = integer.data() + integer.size();
  auto [stop, problem] = std::from_chars(integer.data(), end, value);
  if (problem != std::errc{} || stop != end) return false;
  if (scalar_class == ScalarClass::Int16) return value >= INT16_MIN && value <= INT16_MAX;
  return scalar_class == ScalarClass::Int64 || (value >= INT32_MIN && value <= INT32_MAX);
}

bool is_decimal_string(const std::string &text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos; }

std::string width(ScalarClass scalar_class) {
  if (scalar_class == ScalarClass::Int16) return "16";
  return scalar_class == ScalarClass::Int64 ? "64" : "32";
}

Refusal out_of_bounds(const std::string &number) {
  return {"The value " + scientific(number) +
              " lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?",
          "parse-failed"};
}

std::optional<Refusal> refuse_integer(const std::string &type_name, ScalarClass scalar_class, Place place, Written written,
                                      const std::string &text) {
  const bool row_count = place == Place::Limit || place == Place::Offset;
  if (place == Place::Offset || place == Place::Variable) scalar_class = std::max(scalar_class, ScalarClass::Int64);
  const std::string expected = std::string("a ") + (row_count ? "non-negative " : "") + width(scalar_class) + "-bit integer";
  if (written == Written::String) {
    const bool accepted = place == Place::Column || place == Place::Variable || (place == Place::Offset && is_decimal_string(text));
    if (!accepted) return wrong_kind(expected, type_name, written);
    if (place == Place::Offset && !fits(text, ScalarClass::Int64)) return out_of_bounds(text);
    return std::nullopt;
  }
  if (written != Written::Integer && written != Written::Float) return wrong_kind(expected, type_name, written);
  const std::optional<std::string> integer = integral(text);
  if (!integer || !fits(*integer, scalar_class)) return out_of_bounds(text);
  if (row_count && (*integer)[0] == '-') return wrong_kind(expected, type_name, Written::Integer);
  return std::nullopt;
}

} // namespace

ScalarClass classify(const schema::Schema &schema, const schema::NamedType &scalar) {
  const catalog::Type *type = scalar.scalar;
  for (int hops = 0; type && type->kind == catalog::TypeKind::Domain && schema.model && hops < 32; ++hops) {
    auto base = schema.model->types.find(type->base);
    type = base == schema.model->types.end() ? nullptr : base->second.get();
  }
  if (!type) return by_name(scalar.name);
  // The name alone says nothing: a type of the user's may be called jsonb too.
  const bool known = type->schema == "pg_catalog" || type->name == "geometry" || type->name == "geography";
  return type->kind == catalog::TypeKind::Base && known ? by_name(type->name) : ScalarClass::String;
}

Place place_of(const schema::InputValue *input) {
  if (!input) return Place::Variable;
  switch (input->kind) {
  case schema::InputKind::Limit: return Place::Limit;
  case schema::InputKind::Offset: return Place::Offset;
  case schema::InputKind::Column:
  case schema::InputKind::PkColumn: return Place::Column;
  case schema::InputKind::Comparison: return input->name == "_is_null" ? Place::Plain : Place::Column;
  default: return Place::Plain;
  }
}

std::string describe(Written written) {
  switch (written) {
  case Written::Null: return "null";
  case Written::Boolean: return "a boolean";
  case Written::Integer: return "an integer";
  case Written::Float: return "a float";
  case Written::String: return "a string";
  case Written::Enum: return "an enum value";
  case Written::List: return "a list";
  case Written::Object: return "an object";
  }
  return "a value";
}

Refusal null_refusal(const std::string &type_name) { return {"unexpected null value for type '" + type_name + "'"}; }

Refusal wrong_kind(const std::string &expected, const std::string &type_name, Written found) {
  return {"expected " + expected + " for type '" + type_name + "', but found " + describe(found)};
}

std::optional<Refusal> refuse_enum_value(const schema::NamedType &type, const std::string &value) {
  if (type.value(value)) return std::nullopt;
  constexpr std::size_t most_listed = 50;
  std::string listed;
  for (std::size_t i = 0; i < type.values.size() && i < most_listed; ++i) listed += (i ? ", '" : "'") + type.values[i].name + "'";
  if (type.values.size() > most_listed) listed += ", ...";
  return Refusal{"expected one of the values [" + listed + "] for type '" + type.name + "', but found '" + value + "'"};
}

std::optional<Refusal> refuse_scalar(const schema::Schema &schema, const schema::NamedType &scalar, Place place, Written written,
                                     const std::string &text) {
  const bool lenient = place == Place::Column || place == Place::Variable;
  const bool is_number = written == Written::Integer || written == Written::Float;
  const bool lenient_string = lenient && written == Written::String;
  const ScalarClass scalar_class = classify(schema, scalar);
  if (written == Written::String && scalar_class != ScalarClass::Json && text.find('\0') != std::string::npos)
    return Refusal{"unexpected character U+0000 in a string for type '" + scalar.name + "': Postgres stores none"};
  switch (scalar_class) {
  case ScalarClass::Int16:
  case ScalarClass::Int32:
  case ScalarClass::Int64: return refuse_integer(scalar.name, scalar_class, place, written, text);
  case ScalarClass::Json: return std::nullopt;
  case ScalarClass::Number:
    if (is_number || lenient_string) return std::nullopt;
    return wrong_kind("a number", scalar.name, written);
  case ScalarClass::Boolean:
    if (written == Written::Boolean || lenient_string) return std::nullopt;
    return wrong_kind("a boolean", scalar.name, written);
  case ScalarClass::Id:
    if (written == Written::String || written == Written::Integer) return std::nullopt;
    return wrong_kind("a string or an integer", scalar.name, written);
  case ScalarClass::String:
    if (written == Written::String) return std::nullopt;
    return wrong_kind("a string", scalar.name, written);
  }
  return std::nullopt;
}

std::string scientific(const std::string &number) {
  const Decimal d = take_apart(number);
  if (d.digits.empty()) return "0.0";
  const std::string sign = d.negative ? "-" : "";
  const auto count = static_cast<long>(d.digits.size());
  if (d.exponent > 0 && d.exponent <= 7) {
    if (count <= d.exponent) return sign + d.digits + std::string(static_cast<std::size_t>(d.exponent - count), '0') + ".0";
    return sign + d.digits.substr(0, static_cast<std::size_t>(d.exponent)) + "." + d.digits.substr(static_cast<std::size_t>(d.exponent));
  }
  if (d.exponent == 0) return sign + "0." + d.digits;
  const std::string fraction = count > 1 ? d.digits.substr(1) : "0";
  return sign + d.digits[0] + "." + fraction + "e" + std::to_string(d.exponent - 1);
}

std::optional<std::string> integral(const std::string &number) {
  const Decimal d = take_apart(number);
  if (d.digits.empty()) return "0";
  if (d.exponent < static_cast<long>(d.digits.size()) || d.exponent > 40) return std::nullopt;
  return (d.negative ? "-" : "") + d.digits + std::string(static_cast<std::size_t>(d.exponent) - d.digits.size(), '0');
}

} // namespace gqlsvl::graphql::validation
