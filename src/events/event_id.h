// The numbers of events: the next value of the sequence gqlsvl.event_id, drawn without leaving a trace in the writer's session.
//
// In:  nothing. Out: a number larger than every one drawn before in this database, also after a crash.
// Always: lastval() and currval() of the session are as they were (nextval() would change the former: what a client asks for after its
//   INSERT would be an event's number); no right on the sequence is needed; the sequence on disk is one that nextval, setval and pg_dump
//   read as usual. Nothing is cached per session: for one row the order of numbers is the order of its changes.
// Source: src/backend/commands/sequence.c and the record XLOG_SEQ_LOG of PostgreSQL.
#pragma once
#include "pg/boundary.h"

#include <cstdint>

namespace gqlsvl::events {

std::int64_t next_event_id(Oid sequence); // gqlsvl.event_id

} // namespace gqlsvl::events
