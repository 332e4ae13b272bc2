#include "workers/plan.h"

#include "pg/settings.h"

#include <algorithm>
#include <csignal>

namespace gqlsvl::workers {

namespace {

struct Locked {
  Locked() { LWLockAcquire(shared()->lock, LW_EXCLUSIVE); }
  ~Locked() { LWLockRelease(shared()->lock); }
  Locked(const Locked &) = delete;
};

void end_process(Slot &slot) {
  if (int pid = slot.pid.load()) kill(pid, SIGTERM);
}

int free_channel() {
  for (int channel = 0; channel < max_channels; channel++) {
    bool used = std::any_of(std::begin(shared()->slots), std::end(shared()->slots),
                            [channel](const Slot &slot) { return slot.kind.load() == WorkerKind::Executor && slot.channel == channel; });
    if (!used) return channel;
  }
  return -1;
}

bool planned(Oid database, WorkerKind kind, int index) {
  for (Slot &slot : shared()->slots)
    if (slot.kind.load() == kind && slot.database.load() == database && slot.index == index) return true;
  return false;
}

void plan_worker(Oid database, WorkerKind kind, int index) {
  if (planned(database, kind, index)) return;
  const int channel = kind == WorkerKind::Executor ? free_channel() : -1;
  if (kind == WorkerKind::Executor && channel < 0) return;
  for (Slot &slot : shared()->slots) {
    if (slot.kind.load() != WorkerKind::None || slot.pid.load() != 0) continue;
    slot.index = index;
    slot.channel = channel;
    slot.generation++;
    slot.failures = 0;
    slot.since = slot.retry_at = 0;
    slot.state.store(WorkerState::Stopped);
    slot.database.store(database);
    slot.kind.store(kind);
    return;
  }
}

Database *place_for(Oid oid) {
  Shared &memory = *shared();
  Database *free_place = nullptr;
  for (Database &database : memory.databases) {
    if (database.oid.load() == oid) return &database;
    if (!free_place && !OidIsValid(database.oid.load())) free_place = &database;
  }
  if (free_place) {
    free_place->listens = free_place->own_port = false;
    free_place->oid.store(oid);
  }
  return free_place;
}

bool another_listens_on_the_common_port(const Database &self) {
  for (const Database &other : shared()->databases)
    if (&other != &self && OidIsValid(other.oid.load()) && other.listens && !other.own_port) return true;
  return false;
}

} // namespace

void plan_database(Oid oid, Oid authenticator, bool own_port) {
  Locked locked;
  Database *database = place_for(oid);
  if (!database) return;
  database->own_port = own_port;
  database->authenticator.store(authenticator);
  database->listens = own_port || !another_listens_on_the_common_port(*database);
  const pg::Settings &settings = pg::settings();
  if (database->listens) {
    plan_worker(oid, WorkerKind::Listener, 0);
    plan_worker(oid, WorkerKind::Executor, 0);
  }
  plan_worker(oid, WorkerKind::Delivery, 0);
  for (int i = 1; i < settings.executors && database->listens; i++) plan_worker(oid, WorkerKind::Executor, i);
  for (int i = 1; i < settings.delivery_workers; i++) plan_worker(oid, WorkerKind::Delivery, i);
}

void forget_database(Oid oid) {
  Locked locked;
  for (Slot &slot : shared()->slots) {
    if (slot.kind.load() == WorkerKind::None || slot.database.load() != oid) continue;
    end_process(slot);
    slot.generation++; // one that is just starting leaves by itself
    slot.kind.store(WorkerKind::None);
    slot.state.store(WorkerState::Stopped);
  }
  if (Database *database = find_database(oid)) database->oid.store(InvalidOid);
}

void stop_workers_of(Oid oid) {
  Locked locked;
  for (Slot &slot : shared()->slots) {
    if (slot.kind.load() == WorkerKind::None || slot.database.load() != oid) continue;
    if (slot.state.load() == WorkerState::Starting && slot.pid.load() == 0) {
      slot.generation++; // it leaves before it connects
      slot.state.store(WorkerState::Waiting);
      slot.retry_at = 0;
    }
    end_process(slot);
  }
}

bool workers_running(Oid oid) {
  for (Slot &slot : shared()->slots)
    if (slot.database.load() == oid && slot.pid.load() != 0) return true;
  return false;
}

bool is_held(Oid oid) {
  for (Hold &hold : shared()->holds)
    if (hold.holder_pid.load() != 0 && hold.database.load() == oid) return true;
  return false;
}

} // namespace gqlsvl::workers
