// The one exception of this code base: what Postgres's ereport carries, as a C++ object.
//
// In:  what went wrong, as message / detail / hint and an SQLSTATE of five characters.
// Out: thrown by server-free code; pg/boundary.h turns it into ereport(ERROR) and back without losing a part.
// Always: `message` says what, `detail` with which values, `hint` what to do (Postgres's error style guide).
#pragma once
#include "base/no_postgres.h"

#include <stdexcept>
#include <string>
#include <utility>

namespace gqlsvl {

// SQLSTATEs in use outside Postgres code. The full list: PostgreSQL manual, appendix A.
namespace sqlstate {
inline constexpr char invalid_parameter[] = "22023";
inline constexpr char not_supported[] = "0A000";
inline constexpr char insufficient_privilege[] = "42501";
inline constexpr char undefined_object[] = "42704";
inline constexpr char duplicate_object[] = "42710";
inline constexpr char undefined_table[] = "42P01";
inline constexpr char wrong_object_type[] = "42809";
inline constexpr char not_in_state[] = "55000";
inline constexpr char query_canceled[] = "57014";
inline constexpr char program_limit[] = "54000";
inline constexpr char out_of_memory[] = "53200";
inline constexpr char internal[] = "XX000";
} // namespace sqlstate

class Error : public std::runtime_error {
public:
  Error(std::string state, const std::string &message, std::string detail = {}, std::string hint = {})
      : std::runtime_error(message), sqlstate(std::move(state)), detail(std::move(detail)), hint(std::move(hint)) {}
  std::string message() const { return what(); }

  std::string sqlstate; // five characters
  std::string detail, hint;
  std::string context; // filled when the error came out of Postgres
  std::string constraint_name, table_name, column_name;
  std::string routine; // of Postgres, that raised it: the part of an error that no language setting changes
};

} // namespace gqlsvl
