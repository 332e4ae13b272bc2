// A prepared statement of a worker, kept for the life of the process.
//
// In:  SQL whose parameters are all text or text[] (the SQL casts them), prepared at the first run(). Out: rows as text.
// Always: inside an open transaction and SPI. The worker's session forces generic plans and index scans: a plan made on an empty queue
//   must not be one that a backlog makes slow.
#pragma once
#include "pg/transaction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gqlsvl::events {

using Text = std::optional<std::string>;

class Parameters {
public:
  Parameters &text(const std::string &value);
  Parameters &null();
  Parameters &texts(const std::vector<Text> &values);
  const std::vector<Oid> &types() const { return types_; }
  std::vector<Datum> &values() { return values_; }
  std::vector<char> &nulls() { return nulls_; }

private:
  void add(Oid type, Datum value, bool is_null);
  std::vector<Oid> types_;
  std::vector<Datum> values_;
  std::vector<char> nulls_;
};

class Statement {
public:
  explicit Statement(const char *sql) : sql_(sql) {}
  std::vector<std::vector<Text>> run(Parameters parameters = {});
  Statement(const Statement &) = delete;

private:
  const char *sql_;
  SPIPlanPtr plan_ = nullptr;
};

std::vector<std::vector<Text>> run_once(const std::string &sql); // not prepared: for what is rare

} // namespace gqlsvl::events
