#include "workers/launcher.h"

#include "pg/settings.h"
#include "pg/transaction.h"
#include "workers/plan.h"

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

extern "C" {
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_database.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/procsignal.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"
}

namespace gqlsvl::workers {

namespace {

constexpr int first_pause_s = 1, longest_pause_s = 60, settled_after_s = 10, start_limit_s = 60;

struct Task { // what a worker process is made from
  const char *library, *function, *title;
};

Task task_of(WorkerKind kind) {
  switch (kind) {
  case WorkerKind::Listener: return {"gqlsvl_worker", "gqlsvl_listener_main", "gqlsvl listener"};
  case WorkerKind::Delivery: return {"gqlsvl_worker", "gqlsvl_delivery_main", "gqlsvl delivery"};
  case WorkerKind::Executor: return {"gqlsvl", "gqlsvl_executor_main", "gqlsvl executor"};
  default: return {"gqlsvl", "gqlsvl_probe_main", "gqlsvl probe"};
  }
}

BackgroundWorker describe(WorkerKind kind, Oid database, const Start &start) {
  BackgroundWorker worker;
  memset(&worker, 0, sizeof worker);
  const Task task = task_of(kind);
  strlcpy(worker.bgw_library_name, task.library, sizeof worker.bgw_library_name);
  strlcpy(worker.bgw_function_name, task.function, sizeof worker.bgw_function_name);
  strlcpy(worker.bgw_type, task.title, sizeof worker.bgw_type);
  strlcpy(worker.bgw_name, (std::string(task.title) + " for database " + std::to_string(database)).c_str(), sizeof worker.bgw_name);
  worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
  worker.bgw_start_time = kind == WorkerKind::Delivery ? BgWorkerStart_RecoveryFinished : BgWorkerStart_ConsistentState;
  worker.bgw_restart_time = BGW_NEVER_RESTART;
  worker.bgw_main_arg = ObjectIdGetDatum(database);
  worker.bgw_notify_pid = MyProcPid;
  memcpy(worker.bgw_extra, &start, sizeof start);
  return worker;
}

class Launcher {
public:
  int turn(); // everything that is due; milliseconds until the next thing may be
private:
  void take_requests();
  void list_databases();
  void probe_next();
  void drop_dead_holds();
  void look_after(int number, Slot &slot);
  void start(int number, Slot &slot);
  void ended(Slot &slot, TimestampTz now);
  void drop_handle(int number);
  void report_missing_slots();

  std::vector<Oid> to_probe_;
  BackgroundWorkerHandle *handles_[max_slots] = {}; // palloc'd in TopMemoryContext; null: begun by an earlier launcher, or not running
  std::uint32_t handle_generation_[max_slots] = {};
  TimestampTz probe_again_at_ = 0;
  bool listed_ = false;
  int reported_missing_ = 0, missing_ = 0, needed_ = 0;
};

void Launcher::take_requests() {
  Shared &memory = *shared();
  for (auto &place : memory.requests) {
    const std::uint64_t word = place.exchange(0);
    const Oid database = static_cast<Oid>(word);
    if (static_cast<Request>(word >> 32) == Request::Gone) forget_database(database);
    if (static_cast<Request>(word >> 32) == Request::Probe) to_probe_.push_back(database);
  }
  if (memory.probe_all.exchange(0) || !listed_) list_databases();
}

// pg_database is shared: readable without a database of one's own.
void Launcher::list_databases() {
  std::vector<Oid> found;
  pg::Transaction transaction;
  Relation databases = pg::call([] { return table_open(DatabaseRelationId, AccessShareLock); });
  TableScanDesc scan = pg::call([databases] { return table_beginscan_catalog(databases, 0, nullptr); });
  while (HeapTuple tuple = pg::call([scan] { return heap_getnext(scan, ForwardScanDirection); })) {
    auto *row = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple));
    if (row->datallowconn && !row->datistemplate) found.push_back(row->oid);
  }
  pg::call([=] {
    table_endscan(scan);
    table_close(databases, AccessShareLock);
  });
  transaction.commit();
  for (Database &known : shared()->databases) {
    const Oid oid = known.oid.load();
    if (OidIsValid(oid) && std::find(found.begin(), found.end(), oid) == found.end()) forget_database(oid);
  }
  to_probe_.insert(to_probe_.end(), found.begin(), found.end());
  listed_ = true;
}

// One at a time: a probe holds a worker slot and, for milliseconds, a connection to its database.
void Launcher::probe_next() {
  if (to_probe_.empty() || GetCurrentTimestamp() < probe_again_at_) return;
  const Oid database = to_probe_.front();
  if (is_held(database)) { // in the way of a DROP DATABASE; the end of the hold asks again
    to_probe_.erase(to_probe_.begin());
    return;
  }
  BackgroundWorker worker = describe(WorkerKind::Probe, database, Start{-1, 0});
  BackgroundWorkerHandle *handle = nullptr;
  if (!pg::call([&] { return RegisterDynamicBackgroundWorker(&worker, &handle); })) {
    missing_++;
    probe_again_at_ = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), 5000);
    return;
  }
  to_probe_.erase(to_probe_.begin());
  pg::call([&] { WaitForBackgroundWorkerShutdown(handle); });
  pfree(handle);
}

void Launcher::drop_dead_holds() {
  for (Hold &hold : shared()->holds) {
    const int pid = hold.holder_pid.load();
    if (pid && !BackendPidGetProc(pid)) {
      post_request(Request::Probe, hold.database.load());
      hold.holder_pid.store(0);
    }
  }
}

void Launcher::drop_handle(int number) {
  if (handles_[number]) pfree(handles_[number]);
  handles_[number] = nullptr;
}

void Launcher::look_after(int number, Slot &slot) {
  if (handles_[number] && handle_generation_[number] != slot.generation) drop_handle(number);
  if (slot.kind.load() == WorkerKind::None) return;
  needed_++;
  const TimestampTz now = GetCurrentTimestamp();
  const WorkerState state = slot.state.load();
  if (state == WorkerState::Starting || state == WorkerState::Running) {
    pid_t pid;
    bool over = handles_[number] ? GetBackgroundWorkerPid(handles_[number], &pid) == BGWH_STOPPED
                                 : slot.pid.load() == 0 &&
                                       (state == WorkerState::Running || TimestampDifferenceExceeds(slot.since, now, start_limit_s * 1000));
    if (over) ended(slot, now);
    return;
  }
  if (!is_held(slot.database.load()) && now >= slot.retry_at) start(number, slot);
}

void Launcher::ended(Slot &slot, TimestampTz now) {
  LWLockAcquire(shared()->lock, LW_EXCLUSIVE);
  const bool settled = slot.state.load() == WorkerState::Running && TimestampDifferenceExceeds(slot.since, now, settled_after_s * 1000);
  const bool held = is_held(slot.database.load());
  slot.failures = settled || held ? 0 : slot.failures + 1;
  const int pause_s = std::min(longest_pause_s, first_pause_s << std::min(slot.failures, 6));
  slot.retry_at = held || settled ? now : TimestampTzPlusMilliseconds(now, (pause_s / 2) * 1000);
  slot.state.store(WorkerState::Waiting);
  slot.since = now;
  LWLockRelease(shared()->lock);
  if (slot.failures > 1)
    ereport(LOG, (errmsg("gqlsvl %s for database %u ended early and is started again in %d s", name_of(slot.kind.load()),
                         slot.database.load(), pause_s / 2),
                  errdetail("It has ended %d times in a row; its own log line says why.", slot.failures)));
}

void Launcher::start(int number, Slot &slot) {
  LWLockAcquire(shared()->lock, LW_EXCLUSIVE);
  const bool wanted = slot.kind.load() != WorkerKind::None;
  const Start mark{number, ++slot.generation};
  slot.state.store(WorkerState::Starting);
  slot.since = GetCurrentTimestamp();
  BackgroundWorker worker = describe(slot.kind.load(), slot.database.load(), mark);
  LWLockRelease(shared()->lock);
  drop_handle(number);
  BackgroundWorkerHandle *handle = nullptr;
  const bool registered = wanted && pg::call([&] {
                            MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
                            bool done = RegisterDynamicBackgroundWorker(&worker, &handle);
                            MemoryContextSwitchTo(caller);
                            return done;
                          });
  if (registered) {
    handles_[number] = handle;
    handle_generation_[number] = mark.generation;
    return;
  }
  missing_++;
  slot.state.store(WorkerState::Waiting);
  slot.retry_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), 10 * 1000);
}

// Once per change, never a loop of lines.
void Launcher::report_missing_slots() {
  Shared &memory = *shared();
  int waiting = 0;
  for (Slot &slot : memory.slots)
    waiting += slot.kind.load() != WorkerKind::None && slot.state.load() == WorkerState::Waiting && slot.failures == 0;
  memory.slots_needed.store(needed_ + 2); // and the launcher, and a probe
  memory.slots_missing.store(missing_ ? std::max(waiting, 1) : waiting ? memory.slots_missing.load() : 0);
  const int missing = memory.slots_missing.load();
  if (missing == reported_missing_) return;
  reported_missing_ = missing;
  if (!missing) {
    ereport(LOG, (errmsg("gqlsvl has all worker processes it needs")));
    return;
  }
  ereport(WARNING, (errmsg("gqlsvl runs degraded: %d of its worker processes found no free slot", missing),
                    errdetail("It needs %d slots, itself included; max_worker_processes is %d.", needed_ + 2, max_worker_processes),
                    errhint("Add the line max_worker_processes = %d to postgresql.conf and restart the server.",
                            max_worker_processes + missing + 1)));
}

int Launcher::turn() {
  missing_ = needed_ = 0;
  drop_dead_holds();
  take_requests();
  probe_next();
  Shared &memory = *shared();
  for (int i = 0; i < max_slots; i++) look_after(i, memory.slots[i]);
  report_missing_slots();
  if (!to_probe_.empty() && GetCurrentTimestamp() >= probe_again_at_) return 0;
  bool pending = !to_probe_.empty();
  for (Slot &slot : memory.slots) pending |= slot.kind.load() != WorkerKind::None && slot.state.load() != WorkerState::Running;
  for (Hold &hold : memory.holds) pending |= hold.holder_pid.load() != 0;
  return pending ? 500 : 60000;
}

void leave(int, Datum) {
  shared()->launcher.store(nullptr);
  shared()->launcher_pid.store(0);
}

} // namespace

void register_launcher() {
  BackgroundWorker worker;
  memset(&worker, 0, sizeof worker);
  strlcpy(worker.bgw_library_name, "gqlsvl", sizeof worker.bgw_library_name);
  strlcpy(worker.bgw_function_name, "gqlsvl_launcher_main", sizeof worker.bgw_function_name);
  strlcpy(worker.bgw_name, "gqlsvl launcher", sizeof worker.bgw_name);
  strlcpy(worker.bgw_type, "gqlsvl launcher", sizeof worker.bgw_type);
  worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
  worker.bgw_start_time = BgWorkerStart_ConsistentState;
  worker.bgw_restart_time = 1; // by the postmaster: after a crash nothing else would start anything
  RegisterBackgroundWorker(&worker);
}

} // namespace gqlsvl::workers

extern "C" {
extern PGDLLEXPORT void gqlsvl_launcher_main(Datum);

void gqlsvl_launcher_main(Datum) {
  using namespace gqlsvl;
  pqsignal(SIGHUP, SignalHandlerForConfigReload);
  pqsignal(SIGTERM, die);
  BackgroundWorkerUnblockSignals();
  BackgroundWorkerInitializeConnection(nullptr, nullptr, 0);
  workers::shared()->launcher.store(MyLatch);
  workers::shared()->launcher_pid.store(MyProcPid);
  before_shmem_exit(workers::leave, 0);
  auto *launcher = new (MemoryContextAllocZero(TopMemoryContext, sizeof(workers::Launcher))) workers::Launcher; // ends with the process
  for (;;) {
    ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS(); // no C++ object with a destructor is alive here
    if (ConfigReloadPending) {
      ConfigReloadPending = false;
      ProcessConfigFile(PGC_SIGHUP);
      workers::shared()->probe_all.store(1); // the numbers of workers may have changed
    }
    const int wait_ms = pg::entry([launcher] { return launcher->turn(); });
    WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, wait_ms, PG_WAIT_EXTENSION);
  }
}
}
