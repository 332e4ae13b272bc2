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

constexpr int first_pause_s = 1, longest_pause_s = 30, settled_after_s = 10, start_limit_s = 60;
constexpr int first_slot_pause_s = 5, longest_slot_pause_s = 60, look_at_holds_ms = 1000;

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
  long turn(); // everything that is due; milliseconds until the next thing is, -1: nothing before a wake-up
private:
  void take_requests();
  void list_databases();
  void probe_next();
  bool probe_is_over();
  void drop_dead_holds();
  void look_after(int number, Slot &slot);
  void start(int number, Slot &slot);
  void ended(Slot &slot);
  void drop_handle(int number);
  void report_missing_slots();
  TimestampTz pause_for_slot();
  void due_at(TimestampTz time) { due_ = std::min(due_, time); }

  TimestampTz now_ = 0, due_ = DT_NOEND;
  std::vector<Oid> to_probe_;
  BackgroundWorkerHandle *probe_ = nullptr; // one at a time
  TimestampTz probe_again_at_ = 0;
  BackgroundWorkerHandle *handles_[max_slots] = {}; // palloc'd in TopMemoryContext; null: begun by an earlier launcher, or not running
  std::uint32_t handle_generation_[max_slots] = {};
  bool without_slot_[max_slots] = {}; // Postgres had no free worker slot at the last try
  int slot_pause_s_ = first_slot_pause_s;
  bool listed_ = false;
  int reported_missing_ = 0, needed_ = 0;
};

void Launcher::take_requests() {
  Shared &memory = *shared();
  for (auto &place : memory.requests) {
    const std::uint64_t word = place.exchange(0);
    const Oid database = static_cast<Oid>(word);
    if (static_cast<Request>(word >> 32) == Request::Probe) to_probe_.push_back(database);
    if (static_cast<Request>(word >> 32) != Request::Gone) continue;
    const bool port_was_free = common_port_is_free();
    forget_database(database);
    if (!port_was_free && common_port_is_free()) listed_ = false; // another database may listen there now
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

bool Launcher::probe_is_over() {
  pid_t pid;
  if (!probe_) return true;
  if (GetBackgroundWorkerPid(probe_, &pid) != BGWH_STOPPED) return false; // its end wakes us
  pfree(probe_);
  probe_ = nullptr;
  return true;
}

// One at a time: a probe holds a worker slot and, for milliseconds, a connection to its database. It may have to wait for a lock there
// (CREATE DATABASE ... TEMPLATE), which is why nobody waits for it.
void Launcher::probe_next() {
  if (!probe_is_over()) return;
  while (!to_probe_.empty() && is_held(to_probe_.front())) to_probe_.erase(to_probe_.begin()); // the end of the hold asks again
  if (to_probe_.empty()) return;
  if (now_ < probe_again_at_) return due_at(probe_again_at_);
  BackgroundWorker worker = describe(WorkerKind::Probe, to_probe_.front(), Start{-1, 0});
  const bool registered = pg::call([&] {
    MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
    bool done = RegisterDynamicBackgroundWorker(&worker, &probe_);
    MemoryContextSwitchTo(caller);
    return done;
  });
  if (registered)
    to_probe_.erase(to_probe_.begin());
  else
    due_at(probe_again_at_ = pause_for_slot());
}

TimestampTz Launcher::pause_for_slot() {
  const int pause_s = slot_pause_s_;
  slot_pause_s_ = std::min(longest_slot_pause_s, slot_pause_s_ * 2);
  return TimestampTzPlusMilliseconds(now_, pause_s * 1000);
}

void Launcher::drop_dead_holds() {
  for (Hold &hold : shared()->holds) {
    const int pid = hold.holder_pid.load();
    if (!pid) continue;
    due_at(TimestampTzPlusMilliseconds(now_, look_at_holds_ms));
    if (BackendPidGetProc(pid)) continue;
    post_request(Request::Probe, hold.database.load());
    hold.holder_pid.store(0);
  }
}

void Launcher::drop_handle(int number) {
  if (handles_[number]) pfree(handles_[number]);
  handles_[number] = nullptr;
}

bool lacks_authenticator(const Slot &slot) {
  if (slot.kind.load() != WorkerKind::Executor) return false;
  const Database *database = find_database(slot.database.load());
  return database && !OidIsValid(database->authenticator.load());
}

void Launcher::look_after(int number, Slot &slot) {
  if (handles_[number] && handle_generation_[number] != slot.generation) drop_handle(number);
  if (slot.kind.load() == WorkerKind::None) {
    without_slot_[number] = false;
    return;
  }
  const WorkerState state = slot.state.load();
  if (state == WorkerState::Starting || state == WorkerState::Running) {
    pid_t pid;
    const TimestampTz limit = TimestampTzPlusMilliseconds(slot.since, start_limit_s * 1000);
    const bool unknown_start = !handles_[number] && state == WorkerState::Starting; // by an earlier launcher
    const bool over = handles_[number] ? GetBackgroundWorkerPid(handles_[number], &pid) == BGWH_STOPPED
                                       : slot.pid.load() == 0 && (!unknown_start || now_ >= limit);
    if (unknown_start) due_at(limit);
    if (over) ended(slot);
  }
  if (slot.kind.load() == WorkerKind::None) return;
  needed_++;
  const WorkerState after = slot.state.load();
  if (after == WorkerState::Starting || after == WorkerState::Running || is_held(slot.database.load())) return;
  if (lacks_authenticator(slot)) return slot.state.store(WorkerState::Stopped); // the probe that found so has said so
  if (now_ >= slot.retry_at) start(number, slot);
  if (slot.state.load() == WorkerState::Waiting) due_at(slot.retry_at);
}

void Launcher::ended(Slot &slot) {
  LWLockAcquire(shared()->lock, LW_EXCLUSIVE);
  const bool settled = slot.state.load() == WorkerState::Running && TimestampDifferenceExceeds(slot.since, now_, settled_after_s * 1000);
  const bool asked = slot.leave.load() || slot.surplus || is_held(slot.database.load());
  slot.failures = settled || asked ? 0 : slot.failures + 1;
  const int pause_s = std::min(longest_pause_s, first_pause_s << std::clamp(slot.failures - 1, 0, 5));
  slot.retry_at = asked || settled ? now_ : TimestampTzPlusMilliseconds(now_, pause_s * 1000);
  slot.state.store(WorkerState::Waiting);
  slot.since = now_;
  if (slot.surplus) slot.kind.store(WorkerKind::None);
  const int failures = slot.failures;
  LWLockRelease(shared()->lock);
  if (failures > 1)
    ereport(LOG, (errmsg("gqlsvl %s for database %u ended early and is started again in %d s", name_of(slot.kind.load()),
                         slot.database.load(), pause_s),
                  errdetail("It has ended %d times in a row; its own log line says why.", failures)));
}

void Launcher::start(int number, Slot &slot) {
  LWLockAcquire(shared()->lock, LW_EXCLUSIVE);
  const bool wanted = slot.kind.load() != WorkerKind::None && !is_held(slot.database.load());
  const Start mark{number, ++slot.generation};
  BackgroundWorker worker = describe(slot.kind.load(), slot.database.load(), mark);
  if (wanted) {
    slot.leave.store(false);
    slot.state.store(WorkerState::Starting);
    slot.since = now_;
  }
  LWLockRelease(shared()->lock);
  drop_handle(number);
  if (!wanted) return;
  BackgroundWorkerHandle *handle = nullptr;
  const bool registered = pg::call([&] {
    MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
    bool done = RegisterDynamicBackgroundWorker(&worker, &handle);
    MemoryContextSwitchTo(caller);
    return done;
  });
  without_slot_[number] = !registered;
  if (registered) {
    handles_[number] = handle;
    handle_generation_[number] = mark.generation;
    slot_pause_s_ = first_slot_pause_s;
    return;
  }
  slot.retry_at = pause_for_slot();
  slot.state.store(WorkerState::Waiting);
}

// Once per change, never a loop of lines.
void Launcher::report_missing_slots() {
  Shared &memory = *shared();
  const bool probe_waits = !to_probe_.empty() && probe_again_at_ > now_;
  const int missing = static_cast<int>(std::count(std::begin(without_slot_), std::end(without_slot_), true)) + probe_waits;
  memory.slots_needed.store(needed_ + 2); // and the launcher, and a probe
  memory.slots_missing.store(missing);
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

long Launcher::turn() {
  now_ = GetCurrentTimestamp();
  due_ = DT_NOEND;
  needed_ = 0;
  drop_dead_holds();
  take_requests();
  probe_next();
  for (int i = 0; i < max_slots; i++) look_after(i, shared()->slots[i]);
  report_missing_slots();
  if (due_ == DT_NOEND) return -1;
  return std::max<long>(1, TimestampDifferenceMilliseconds(GetCurrentTimestamp(), due_));
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
  auto *launcher = new workers::Launcher; // ends with the process
  for (;;) {
    ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS(); // no C++ object with a destructor is alive here
    if (ConfigReloadPending) {
      ConfigReloadPending = false;
      ProcessConfigFile(PGC_SIGHUP);
      workers::shared()->probe_all.store(1); // the numbers of workers may have changed
    }
    const long wait_ms = pg::entry([launcher] { return launcher->turn(); });
    WaitLatch(MyLatch, WL_LATCH_SET | (wait_ms < 0 ? 0 : WL_TIMEOUT) | WL_EXIT_ON_PM_DEATH, wait_ms, PG_WAIT_EXTENSION);
  }
}
}
