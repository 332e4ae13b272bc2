// A module for test/pgtap/signal.sql: a session that stands in for the listener and sees the signal of its own commits.
#include "workers/signal.h"

extern "C" {
PG_MODULE_MAGIC;
#include "utils/array.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"
}

using namespace gqlsvl;

namespace {

workers::Signal *listening = nullptr; // of this session, until it ends

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
  listening->watch_only(oids_of(PG_GETARG_DATUM(0)));
  listening->collect();
  PG_RETURN_INT64(static_cast<std::int64_t>(generation));
}

// signal_stop() -> void: nobody subscribes.
GQLSVL_FUNCTION(gqlsvl_test_signal_stop) {
  if (listening) listening->set_active(false);
  PG_RETURN_VOID();
}

// signal_dirty(oid[]) -> text: one t or f each, or "everything"; takes what was dirty.
GQLSVL_FUNCTION(gqlsvl_test_signal_dirty) {
  std::string answer;
  const workers::Signal::Dirty dirty = listening->collect();
  for (std::uint32_t relation : oids_of(PG_GETARG_DATUM(0))) answer += dirty.contains(relation) ? 't' : 'f';
  PG_RETURN_TEXT_P(cstring_to_text(dirty.everything ? "everything" : answer.c_str()));
}

// signal_changed(oid[], generation) -> boolean
GQLSVL_FUNCTION(gqlsvl_test_signal_changed) {
  PG_RETURN_BOOL(listening->changed_since(oids_of(PG_GETARG_DATUM(0)), static_cast<std::uint64_t>(PG_GETARG_INT64(1))));
}

// signal_generation(before_invalidations boolean) -> bigint: now, or at that moment of the last commit.
GQLSVL_FUNCTION(gqlsvl_test_signal_generation) {
  PG_RETURN_INT64(static_cast<std::int64_t>(PG_GETARG_BOOL(0) ? generation_before_invalidations : listening->generation()));
}
