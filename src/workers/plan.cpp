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

Slot *planned(Oid database, WorkerKind kind, int index) {
  for (Slot &slot : shared()->slots)
    if (slot.kind.load() == kind && slot.database.load() == database && slot.index == index) return &slot;
  return nullptr;
}

// False: there is no place for it.
bool plan_worker(Oid database, WorkerKind kind, int index) {
  if (Slot *present = planned(database, kind, index)) {
    present->surplus = false;
    return true;
  }
  const int channel = kind == WorkerKind::Executor ? free_channel() : -1;
  if (kind == WorkerKind::Executor && channel < 0) return false;
  for (Slot &slot : shared()->slots) {
    if (slot.kind.load() != WorkerKind::None || slot.pid.load() != 0) continue;
    slot.index = index;
    slot.channel = channel;
    slot.generation++;
    slot.failures = 0;
    slot.surplus = false;
    slot.leave.store(false);
    slot.since = slot.retry_at = 0;
    slot.state.store(WorkerState::Stopped);
    slot.database.store(database);
    slot.kind.store(kind);
    return true;
  }
  return false;
}

// An executor finishes its request first, a delivery worker gives up its shards; a listener says farewell to its clients.
void ask_to_end(Slot &slot) {
  slot.leave.store(true);
  if (slot.kind.load() == WorkerKind::Listener) return end_process(slot);
  if (Latch *latch = slot.latch.load()) SetLatch(latch);
}

void drop_surplus(const Database &database, int executors, int delivery_workers) {
  const Oid oid = database.oid.load();
  for (Slot &slot : shared()->slots) {
    const WorkerKind kind = slot.kind.load();
    if (kind == WorkerKind::None || slot.database.load() != oid) continue;
    const int wanted = kind == WorkerKind::Delivery   ? delivery_workers
                       : !database.listens            ? 0
                       : kind == WorkerKind::Executor ? executors
                                                      : 1;
    if (slot.index < wanted) continue;
    slot.surplus = true;
    if (slot.state.load() == WorkerState::Running || slot.state.load() == WorkerState::Starting)
      ask_to_end(slot);
    else
      slot.kind.store(WorkerKind::None);
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
    free_place->port = 0;
    free_place->authenticator.store(InvalidOid);
    free_place->oid.store(oid);
  }
  return free_place;
}

bool another_listens_on_the_common_port(const Database *self) {
  for (const Database &other : shared()->databases)
    if (&other != self && OidIsValid(other.oid.load()) && other.listens && !other.own_port) return true;
  return false;
}

// A running process keeps the settings of its connection: what ALTER DATABASE changed needs a new one.
void take_over(Database &database, const DatabaseFacts &facts) {
  const bool other_port = database.listens && database.port != facts.port && (database.own_port || facts.own_port);
  const bool other_role = database.authenticator.load() != facts.authenticator;
  database.own_port = facts.own_port;
  database.port = facts.port;
  database.authenticator.store(facts.authenticator);
  database.listens = facts.own_port || !another_listens_on_the_common_port(&database);
  for (Slot &slot : shared()->slots) {
    if (slot.database.load() != facts.database) continue;
    const WorkerKind kind = slot.kind.load();
    if ((kind == WorkerKind::Listener && other_port) || (kind == WorkerKind::Executor && other_role)) ask_to_end(slot);
  }
}

} // namespace

Shortage plan_database(const DatabaseFacts &facts) {
  Locked locked;
  Database *database = place_for(facts.database);
  if (!database) return {true, 0};
  take_over(*database, facts);
  const pg::Settings &settings = pg::settings();
  drop_surplus(*database, settings.executors, settings.delivery_workers);
  Shortage shortage;
  auto plan = [&](WorkerKind kind, int index) { shortage.workers += !plan_worker(facts.database, kind, index); };
  if (database->listens) {
    plan(WorkerKind::Listener, 0);
    plan(WorkerKind::Executor, 0);
  }
  plan(WorkerKind::Delivery, 0);
  for (int i = 1; i < settings.executors && database->listens; i++) plan(WorkerKind::Executor, i);
  for (int i = 1; i < settings.delivery_workers; i++) plan(WorkerKind::Delivery, i);
  return shortage;
}

bool common_port_is_free() {
  Locked locked;
  return !another_listens_on_the_common_port(nullptr);
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

} // namespace gqlsvl::workers
