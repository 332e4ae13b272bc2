// A module for test/pgtap/signal.sql: a session that stands in for the listener and sees the signal of its own commits.
#include "workers/signal.h"

#include <algorithm>
#include <set>

extern "C" {
PG_MODULE_MAGIC;
#include "common/hashfn.h"
#include "utils/array.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"
}

using namespace gqlsvl;

namespace {

workers::Signal *listening = nullptr; // of this session, until it ends
std::vector<live::Topic> watched;

std::vector<std::uint32_t> oids_of(Datum array) {
  ArrayType *values = DatumGetArrayTypeP(array);
  auto *first = reinterpret_cast<Oid *>(ARR_DATA_PTR(values));
  return {first, first + ArrayGetNItems(ARR_NDIM(values), ARR_DIMS(values))};
}

// The moment between the commit callbacks and the invalidation messages.
std::uint64_t generation_before_invalidations = 0;
void before_invalidations(ResourceReleasePhase phase, bool is_commit, bool is_top_level, void *) {
  if (phase == RESOURCE_RELEASE_BEFORE_LOCKS && is_commit && is_top_level && listening)
    generation_before_invalidations = listening->generation();
}

} // namespace

// signal_ready(deadline interval) -> boolean: the launcher has found this database; waits for it until the deadline.
GQLSVL_FUNCTION(gqlsvl_test_signal_ready) {
  workers::shared();
  const TimestampTz end = GetCurrentTimestamp() + PG_GETARG_INTERVAL_P(0)->time;
  while (!workers::find_database(MyDatabaseId) && GetCurrentTimestamp() < end)
    pg::call([] {
      WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 20, PG_WAIT_EXTENSION);
      ResetLatch(MyLatch);
      CHECK_FOR_INTERRUPTS();
    });
  PG_RETURN_BOOL(workers::find_database(MyDatabaseId) != nullptr);
}

// signal_watch(oid[]) -> bigint: watches these from now on; the generation before.
GQLSVL_FUNCTION(gqlsvl_test_signal_watch) {
  workers::Database *database = workers::find_database(MyDatabaseId);
  if (!database) throw Error("55000", "no workers for this database");
  if (!listening) {
    listening = new workers::Signal(*database);
    RegisterResourceReleaseCallback(before_invalidations, nullptr);
  }
  listening->set_active(true);
  const std::uint64_t generation = listening->generation();
  for (live::Topic topic : watched) listening->unwatch(topic);
  watched.clear();
  for (std::uint32_t relation : oids_of(PG_GETARG_DATUM(0))) watched.push_back(live::whole(relation));
  for (live::Topic topic : watched) listening->watch(topic);
  listening->collect();
  PG_RETURN_INT64(static_cast<std::int64_t>(generation));
}

// signal_watch_rows(oid, column int, value int, on boolean) -> void: rows of a relation by the value of an int column.
GQLSVL_FUNCTION(gqlsvl_test_signal_watch_rows) {
  const Oid relation = PG_GETARG_OID(0);
  const Datum hash = pg::call([&] { return DirectFunctionCall2(hashint4extended, PG_GETARG_DATUM(2), Int64GetDatum(0)); });
  for (live::Topic topic : {live::rows(relation, PG_GETARG_INT32(1), DatumGetUInt64(hash)), live::unseen(relation)})
    PG_GETARG_BOOL(3) ? listening->watch(topic) : listening->unwatch(topic);
  PG_RETURN_VOID();
}

// signal_stop() -> void: nobody subscribes.
GQLSVL_FUNCTION(gqlsvl_test_signal_stop) {
  if (listening) listening->set_active(false);
  PG_RETURN_VOID();
}

// signal_dirty(oid[]) -> text: one t or f each, or "everything"; takes what was dirty.
GQLSVL_FUNCTION(gqlsvl_test_signal_dirty) {
  std::string answer;
  const workers::Signal::Changes changes = listening->collect();
  for (std::uint32_t relation : oids_of(PG_GETARG_DATUM(0)))
    answer += std::count(changes.topics.begin(), changes.topics.end(), live::whole(relation)) ? 't' : 'f';
  PG_RETURN_TEXT_P(cstring_to_text(changes.everything ? "everything" : answer.c_str()));
}

// signal_rows() -> text: which rows changed: "column", "unseen", "everything", sorted; takes what was dirty.
GQLSVL_FUNCTION(gqlsvl_test_signal_rows) {
  const workers::Signal::Changes changes = listening->collect();
  std::set<std::string> said;
  if (changes.everything) said.insert("everything");
  for (live::Topic topic : changes.topics)
    if (!live::is_whole(topic))
      said.insert(live::column_of(topic) == live::unseen_column ? "unseen" : std::to_string(live::column_of(topic)));
  std::string answer;
  for (const std::string &one : said) answer += (answer.empty() ? "" : " ") + one;
  PG_RETURN_TEXT_P(cstring_to_text(answer.c_str()));
}

// signal_generation(before_invalidations boolean) -> bigint: now, or at that moment of the last commit.
GQLSVL_FUNCTION(gqlsvl_test_signal_generation) {
  PG_RETURN_INT64(static_cast<std::int64_t>(PG_GETARG_BOOL(0) ? generation_before_invalidations : listening->generation()));
}
