// Where an event with a public id is kept, and which event trigger it belongs to.
#pragma once
#include "events/definition_row.h"

extern "C" {
#include "utils/uuid.h"
}

namespace gqlsvl::events {

struct EventPlace {
  std::uint64_t txid;
  std::int64_t id;
};

EventPlace place_of(const pg_uuid_t &uuid);
std::string uuid_text(const pg_uuid_t *uuid);
Values place_values(const EventPlace &place); // $1: the transaction as text, $2: the number

// 42704: no such event; 55000: its trigger was dropped.
DefinitionRow definition_of_event(const EventPlace &place, const std::string &uuid);

// Begins a statement that lets events wait in gqlsvl.retry, no attempt made, until `at` (an SQL expression): what follows is of event `e`.
std::string insert_retry(const char *at, bool redelivered);
// An event of this transaction waits until then: its worker finds it there, gqlsvl.cancel_event too.
void wait_in_retry(const EventPlace &place, Datum timestamptz);

} // namespace gqlsvl::events
