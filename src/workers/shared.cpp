#include "workers/shared.h"

#include "pg/settings.h"

extern "C" {
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"
}

namespace gqlsvl::workers {

static_assert(std::atomic<Oid>::is_always_lock_free && std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<Latch *>::is_always_lock_free);

namespace {

constexpr char area_name[] = "gqlsvl workers";
Shared *attached = nullptr; // set in the postmaster for gqlsvl.so, at first use in gqlsvl_worker.so
shmem_request_hook_type previous_request_hook = nullptr;
shmem_startup_hook_type previous_startup_hook = nullptr;

void request_memory() {
  if (previous_request_hook) previous_request_hook();
  RequestAddinShmemSpace(sizeof(Shared));
  RequestNamedLWLockTranche(area_name, 1 + max_channels);
}

void set_up(Shared &memory) {
  memset(static_cast<void *>(&memory), 0, sizeof memory);
  LWLockPadded *locks = GetNamedLWLockTranche(area_name);
  memory.lock = &locks[0].lock;
  for (int i = 0; i < max_channels; i++) LWLockInitialize(&memory.channels[i].lock, locks[0].lock.tranche);
  for (Slot &slot : memory.slots) slot.channel = -1;
}

void attach() {
  bool found = false;
  auto *memory = static_cast<Shared *>(ShmemInitStruct(area_name, sizeof(Shared), &found));
  if (!found) set_up(*memory);
  attached = memory;
}

void start_up() {
  if (previous_startup_hook) previous_startup_hook();
  LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
  attach();
  LWLockRelease(AddinShmemInitLock);
}

void leave_slot(int, Datum slot_number) {
  Slot &slot = attached->slots[DatumGetInt32(slot_number)];
  slot.latch.store(nullptr);
  slot.pid.store(0);
  wake_launcher();
  wake_delivery(slot.database.load()); // if it was one of them, the others share its shards
}

} // namespace

void request_shared_memory() {
  previous_request_hook = shmem_request_hook;
  shmem_request_hook = request_memory;
  previous_startup_hook = shmem_startup_hook;
  shmem_startup_hook = start_up;
}

Shared *shared() {
  // Only the preload makes the area; without it an unknown name would be created here.
  if (!attached && pg::preloaded()) pg::call([] { attach(); });
  return attached;
}

Slot &join_workers(pqsigfunc on_terminate) {
  pqsignal(SIGHUP, SignalHandlerForConfigReload);
  pqsignal(SIGTERM, on_terminate);
  Start start;
  memcpy(&start, MyBgworkerEntry->bgw_extra, sizeof start);
  Shared *memory = pg::entry([] { return shared(); }); // nothing of C++ may leave a worker's main
  if (!memory || start.slot < 0 || start.slot >= max_slots) proc_exit(1);
  Slot &slot = memory->slots[start.slot];
  LWLockAcquire(memory->lock, LW_EXCLUSIVE);
  const bool wanted = slot.kind.load() != WorkerKind::None && slot.generation == start.generation && !is_held(slot.database.load());
  if (wanted) {
    slot.pid.store(MyProcPid);
    slot.latch.store(MyLatch);
    slot.state.store(WorkerState::Running);
    slot.since = GetCurrentTimestamp();
  }
  LWLockRelease(memory->lock);
  if (!wanted) proc_exit(0);
  before_shmem_exit(leave_slot, Int32GetDatum(start.slot));
  wake_launcher();
  if (slot.kind.load() == WorkerKind::Delivery) wake_delivery(slot.database.load());
  return slot;
}

void connect_worker(Oid database, Oid role, const char *title) {
  BackgroundWorkerUnblockSignals();
  BackgroundWorkerInitializeConnectionByOid(database, role, 0);
  pgstat_report_appname(title);
  pgstat_report_activity(STATE_IDLE, nullptr);
}

bool is_held(Oid database) noexcept {
  for (Hold &hold : attached->holds)
    if (hold.holder_pid.load() != 0 && hold.database.load() == database) return true;
  return false;
}

Database *find_database(Oid oid) noexcept {
  if (!attached || !OidIsValid(oid)) return nullptr;
  for (Database &database : attached->databases)
    if (database.oid.load(std::memory_order_relaxed) == oid) return &database;
  return nullptr;
}

void wake_launcher() noexcept {
  if (!attached) return;
  if (Latch *latch = attached->launcher.load()) SetLatch(latch);
}

void wake_delivery(Oid database) noexcept {
  if (!attached) return;
  for (Slot &slot : attached->slots) {
    if (slot.kind.load(std::memory_order_relaxed) != WorkerKind::Delivery || slot.database.load(std::memory_order_relaxed) != database)
      continue;
    if (Latch *latch = slot.latch.load()) SetLatch(latch);
  }
}

int current_event_child(Oid database) noexcept {
  Database *place = find_database(database);
  return place ? place->event_child.load(std::memory_order_relaxed) : 0;
}

void post_request(Request request, Oid database) noexcept {
  if (!attached) return;
  const std::uint64_t word = (static_cast<std::uint64_t>(request) << 32) | database;
  bool posted = false;
  for (auto &place : attached->requests) {
    std::uint64_t present = 0;
    if ((posted = place.compare_exchange_strong(present, word) || present == word)) break;
  }
  if (!posted) attached->probe_all.store(1);
  wake_launcher();
}

const char *name_of(WorkerKind kind) {
  switch (kind) {
  case WorkerKind::Launcher: return "launcher";
  case WorkerKind::Probe: return "probe";
  case WorkerKind::Listener: return "listener";
  case WorkerKind::Executor: return "executor";
  case WorkerKind::Delivery: return "delivery";
  case WorkerKind::None: break;
  }
  return "none";
}

const char *name_of(WorkerState state) {
  switch (state) {
  case WorkerState::Starting: return "starting";
  case WorkerState::Running: return "running";
  case WorkerState::Waiting: return "waiting";
  case WorkerState::Stopped: break;
  }
  return "stopped";
}

} // namespace gqlsvl::workers
