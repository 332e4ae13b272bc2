// The numbers of events: the next value of the sequence gqlsvl.event_id, drawn without leaving a trace in the writer's session.
//
// In:  how many. Out: the first of as many consecutive numbers, larger than every one drawn before in this database, also after a crash.
// Always: lastval() and currval() of the session are as they were (nextval() would change the former: what a client asks for after its
//   INSERT would be an event's number); no right on the sequence is needed; the sequence on disk is one that nextval, setval and pg_dump
//   read as usual. Nothing is kept for later: what is drawn while a row is locked is larger than what those before had drawn for it.
// Source: src/backend/commands/sequence.c and the record XLOG_SEQ_LOG of PostgreSQL.
#pragma once
#include "pg/boundary.h"

#include <cstdint>

namespace gqlsvl::events {

std::int64_t draw_event_ids(int count); // Postgres code: inside pg::call

} // namespace gqlsvl::events
