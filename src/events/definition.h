// What gqlsvl.create_trigger was asked for, checked: rights, table, columns, numbers, webhook.
//
// In:  the arguments of the SQL function. Out: nothing when all is well; Error (message, detail, hint) for the first thing that is wrong.
// Always: checks with the caller's own identity, before anything is written.
#pragma once
#include "pg/boundary.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace gqlsvl::events {

// Positions of the parameters of gqlsvl.create_trigger, as in src/sql/31_events_functions.sql.
enum class Option {
  Name,
  Table,
  Webhook,
  Operations,
  Columns,
  PayloadColumns,
  Condition,
  Headers,
  NumRetries,
  RetryInterval,
  Backoff,
  MaxInterval,
  GiveUpOn,
  Timeout,
  Ordering,
  OrderingColumns,
  MaxInFlight,
  RateLimit,
  MaxAge,
  SigningSecret,
  Transform,
  InvocationType,
  FireOnReplica,
  Replace
};

const char *name_of(Option option);

class Arguments {
public:
  static constexpr int count = static_cast<int>(Option::Replace) + 1;
  // Of create_trigger, or of alter_trigger, which has no `replace` at the end. `transform` becomes text: its signature, empty for '-'.
  explicit Arguments(FunctionCallInfo call);
  Arguments(); // of a trigger without a table: what it has no parameter for, at its default
  bool is_null(Option option) const { return values_[static_cast<int>(option)].isnull; }
  Datum datum(Option option) const { return values_[static_cast<int>(option)].value; }
  std::string string(Option option) const;
  std::vector<std::string> strings(Option option) const; // 22023 for a null element
  void set_transform(NullableDatum regprocedure);
  void set(Option option, NullableDatum value) { values_[static_cast<int>(option)] = value; }

private:
  NullableDatum values_[count] = {};
};

struct Definition {
  std::string name, table_schema, table_name; // as in the catalog
  Oid table = InvalidOid;
  Oid owner = InvalidOid;                                        // the caller
  std::string search_path;                                       // the caller's: where `condition` finds functions
  std::vector<std::string> operations, columns, payload_columns; // operations: INSERT, UPDATE, DELETE, TRUNCATE, in this order
  std::string condition;                                         // empty: none
  std::string ordering;                                          // row | none
  bool ordering_was_chosen = false;                              // by us, because the table has no primary key
  bool fire_on_replica = false, replace = false;
};

Definition checked(const Arguments &arguments);
void check_trigger_name(const std::string &name);
double seconds_of(Datum interval);                          // a day has 24 hours, a month 30 days
void check_delivery(const Arguments &arguments, Oid owner); // the options that say where and how events are sent
void require_event_admin(const char *function);             // member of gqlsvl_event_admin
// Owner of the table (of the event trigger, when its table is gone) and member of gqlsvl_event_admin.
void check_rights(Oid table, Oid trigger_owner, const char *function);

} // namespace gqlsvl::events
