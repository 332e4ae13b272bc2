// Statements on gqlsvl's own tables, run by the SQL functions for a caller who has no right on them.
//
// In:  SQL with parameters as Datums. Out: rows, read by row and column (from 1).
// Always: while an OwnerSession lives, the user is the extension's owner and search_path is pg_catalog: no function or operator of the
//   caller is found. Check the caller's own rights before (events/definition.h). Both end with the scope, also by an exception.
#pragma once
#include "pg/extension_owner.h"
#include "pg/transaction.h"

#include <string>
#include <vector>

namespace gqlsvl::events {

// Settings changed while this lives. (SET LOCAL would last until the end of the caller's transaction.)
class ScopedSettings {
public:
  ScopedSettings();
  ~ScopedSettings();
  ScopedSettings(const ScopedSettings &) = delete;
  void set(const char *name, const char *value);

private:
  int level_;
};

class OwnerSession {
public:
  OwnerSession() = default;
  OwnerSession(const OwnerSession &) = delete;

private:
  pg::Spi spi_;
  pg::AsExtensionOwner owner_;
};

// Values of $1, $2 ... in the order of add().
class Values {
public:
  Values &add(Oid type, Datum value, bool is_null = false);
  Values &add(const std::string &text);
  Values &add(std::int32_t number);
  Values &add(const std::vector<std::string> &texts);
  std::size_t count() const { return types_.size(); }

private:
  friend class Rows;
  std::vector<Oid> types_;
  std::vector<Datum> values_;
  std::vector<char> nulls_;
};

// What a statement returned: valid until the OwnerSession ends.
class Rows {
public:
  explicit Rows(const std::string &sql, Values values = {});
  std::uint64_t count() const { return count_; }
  bool is_null(int column, std::uint64_t row = 0) const;
  Datum datum(int column, std::uint64_t row = 0) const;
  std::string text(int column, std::uint64_t row = 0) const; // of a column of type text or bytea

private:
  std::uint64_t count_;
  SPITupleTable *table_;
};

inline void run(const std::string &sql) { Rows discarded(sql); }

std::string text_argument(FunctionCallInfo call, int number); // of an SQL function, not null

std::string quoted(const std::string &identifier);
std::string literal(const std::string &value);

} // namespace gqlsvl::events
