// Entry point of a delivery worker: connects, takes its slot, loops on latch and sockets together.
//
// In:  bgw_main_arg: the database; bgw_extra: the slot (workers/shared.h). Ends by SIGTERM, or when its slot has moved on.
// Always: one place to sleep; an error in a step is logged and the step tried again after a pause.
#include "workers/delivery_worker.h"
#include "workers/shared.h"

#include "pg/boundary.h"
#include "pg/settings.h"

extern "C" {
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/wait_event.h"
}

namespace gqlsvl::workers {

namespace {

constexpr long pause_after_failure_ms = 1000;

// What the worker's statements rely on, whatever the database or the configuration file says (docs/rules.md, 25).
void pin_session() {
  static constexpr std::pair<const char *, const char *> pinned[] = {
      {"search_path", "pg_catalog, pg_temp"},
      {"default_transaction_isolation", "read committed"},
      {"default_transaction_read_only", "off"},
      {"default_transaction_deferrable", "off"},
      {"statement_timeout", "0"},
      {"lock_timeout", "0"},
      {"idle_in_transaction_session_timeout", "0"},
      {"session_replication_role", "origin"},
      {"row_security", "off"},
      {"jit", "off"},
      {"TimeZone", "UTC"},
      {"DateStyle", "ISO, YMD"},
      {"IntervalStyle", "postgres"},
      {"extra_float_digits", "1"},
      {"synchronous_commit", "off"}, // what a crash loses of a checkpoint is repeated; it never waits for the disk
      {"plan_cache_mode", "force_generic_plan"},
      {"enable_seqscan", "off"},
      {"enable_bitmapscan", "off"},
      {"enable_hashjoin", "off"},
      {"enable_mergejoin", "off"},
  };
  for (auto [name, value] : pinned) SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE);
}

WaitEventSet *wait_set_for(int descriptor) {
  WaitEventSet *set = CreateWaitEventSet(TopMemoryContext, 3);
  AddWaitEventToSet(set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, nullptr);
  AddWaitEventToSet(set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, nullptr, nullptr);
  AddWaitEventToSet(set, WL_SOCKET_READABLE, descriptor, nullptr, nullptr);
  return set;
}

struct Loop {
  DeliveryWorker *worker = nullptr; // for the life of the process
  WaitEventSet *set = nullptr;
  int index = 0;
  bool woken = true, over = false, told = false; // told: why there is no worker yet, since the settings last changed
};

long step(Loop &loop) {
  try {
    if (ConfigReloadPending) {
      ConfigReloadPending = false;
      pg::call([] { ProcessConfigFile(PGC_SIGHUP); });
      loop.told = false;
      if (loop.worker) loop.worker->reload();
    }
    if (!loop.worker) loop.worker = new DeliveryWorker(loop.index);
    milliseconds wait = loop.worker->pass(Clock::now(), std::exchange(loop.woken, false));
    if (loop.worker->take_descriptor_changed()) {
      if (loop.set) FreeWaitEventSet(loop.set);
      int descriptor = loop.worker->descriptor();
      loop.set = pg::call([descriptor] { return wait_set_for(descriptor); });
    }
    loop.over = loop.worker->over();
    return static_cast<long>(wait.count());
  } catch (...) {
    pg::Report report = pg::report_of_current_exception();
    if (loop.worker || !std::exchange(loop.told, true)) pg::log(LOG, report);
    loop.woken = true;
  }
  return pause_after_failure_ms;
}

} // namespace

} // namespace gqlsvl::workers

extern "C" {
extern PGDLLEXPORT void gqlsvl_delivery_main(Datum database);

void gqlsvl_delivery_main(Datum database) {
  using namespace gqlsvl;
  const workers::Slot &slot = workers::join_workers(die); // die: also in mid-query, DROP DATABASE WITH (FORCE) waits 5 s at most
  workers::connect_worker(DatumGetObjectId(database), InvalidOid, "gqlsvl delivery");
  workers::pin_session();
  MemoryContext pass = AllocSetContextCreate(TopMemoryContext, "gqlsvl delivery pass", ALLOCSET_DEFAULT_SIZES);
  workers::Loop loop;
  loop.index = slot.index;
  for (;;) {
    MemoryContextSwitchTo(pass);
    long wait_ms = workers::step(loop);
    MemoryContextSwitchTo(pass);
    MemoryContextReset(pass);
    if (loop.over) proc_exit(0); // no C++ object with a destructor is alive here
    pgstat_report_stat(false);
    WaitEvent events[3];
    int count = 0;
    if (loop.set)
      count = WaitEventSetWait(loop.set, wait_ms, events, 3, PG_WAIT_EXTENSION);
    else if (WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, wait_ms, PG_WAIT_EXTENSION) & WL_LATCH_SET)
      ResetLatch(MyLatch);
    for (int i = 0; i < count; i++) {
      if (!(events[i].events & WL_LATCH_SET)) continue;
      ResetLatch(MyLatch); // before the next snapshot, so that no commit is missed
      loop.woken = true;
    }
    CHECK_FOR_INTERRUPTS(); // no C++ object with a destructor is alive here
  }
}
}
