// An executor: one database connection, one request at a time from the ring.
//
// In:  bgw_main_arg: the database; its slot says which channel. Out: an outcome for each call.
// Always: session user is the authenticator role, never a superuser. A session that cannot be cleaned ends with exit code 1 and is
//   started anew by the launcher. SIGUSR2 cancels the call whose number the listener has put beside it, and no other.
#include "pg/settings.h"
#include "workers/request.h"
#include "workers/ring.h"

extern "C" {
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/wait_event.h"
}

namespace gqlsvl::workers {

namespace {

Channel *channel = nullptr;
Slot *slot = nullptr;

void cancel_this_call(int) {
  const int saved_errno = errno;
  const std::uint64_t running = channel ? channel->running.load() : 0;
  if (running && channel->cancel.load() == running) {
    QueryCancelPending = true;
    InterruptPending = true;
    SetLatch(MyLatch);
  }
  errno = saved_errno;
}

void wake_listener() {
  if (Database *database = find_database(MyDatabaseId))
    if (Latch *latch = database->signal.listener.load()) SetLatch(latch);
}

void leave(int, Datum) {
  close_as_executor(*channel);
  wake_listener();
}

void wait_for_latch() {
  pg::call([] {
    WaitLatch(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH, -1, PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS();
    if (ConfigReloadPending) {
      ConfigReloadPending = false;
      ProcessConfigFile(PGC_SIGHUP);
    }
  });
}

class Executor {
public:
  void turn(); // waits, reads what has come, runs what is whole
private:
  void adopt() {
    epoch_ = peek(*channel).epoch;
    incoming_.clear();
  }
  void answer(const Frame &call);
  void send(std::string_view bytes);

  std::uint64_t epoch_ = open_as_executor(*channel);
  FrameReader incoming_;
};

void Executor::turn() {
  std::string bytes;
  Copied copied;
  bool was_full = false;
  while ((copied = read_some(*channel, Direction::ToExecutor, epoch_, bytes)).bytes) was_full |= copied.was_full;
  if (copied.stale) return adopt();
  if (bytes.empty()) {
    QueryCancelPending = false; // nothing runs: a cancel came too late
    if (slot->leave.load() && close_if_empty(*channel, epoch_)) proc_exit(0);
    return wait_for_latch();
  }
  if (was_full) wake_listener(); // it waits for room
  incoming_.feed(bytes);
  while (std::optional<Frame> call = incoming_.next()) answer(*call);
}

void Executor::answer(const Frame &call) {
  std::optional<WorkItem> item = decode_item(call.message);
  server::Outcome outcome;
  if (!item) {
    outcome.failed = true;
    outcome.json = error_response("the listener's call could not be read", "unexpected");
  } else {
    pgstat_report_activity(STATE_RUNNING, "GraphQL request");
    channel->running.store(call.number);
    cancel_this_call(0); // a signal that came before this line met no call
    outcome = run_request(*item);
    channel->running.store(0);
    QueryCancelPending = false;
    clean_session(item->call.kind);
    pgstat_report_stat(false);
    pgstat_report_activity(STATE_IDLE, nullptr);
  }
  send(frame(call.number, encode(outcome)));
}

void Executor::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const Copied copied = write_some(*channel, Direction::ToListener, epoch_, bytes);
    if (copied.stale) return adopt(); // the listener that asked is gone
    bytes.remove_prefix(copied.bytes);
    wake_listener();
    if (!bytes.empty()) wait_for_latch();
  }
}

} // namespace
} // namespace gqlsvl::workers

extern "C" {
extern PGDLLEXPORT void gqlsvl_executor_main(Datum database);

void gqlsvl_executor_main(Datum database_oid) {
  using namespace gqlsvl;
  using namespace gqlsvl::workers;
  slot = &join_workers(die);
  channel = &shared()->channels[slot->channel];
  pqsignal(SIGINT, StatementCancelHandler);
  pqsignal(SIGUSR2, cancel_this_call);
  const Oid database = DatumGetObjectId(database_oid);
  Database *known = find_database(database);
  const Oid authenticator = known ? known->authenticator.load() : InvalidOid;
  if (!OidIsValid(authenticator)) proc_exit(1); // lost since the launcher looked; the next probe says so
  connect_worker(database, authenticator, "gqlsvl executor");
  if (session_auth_is_superuser) // made one since the probe looked
    ereport(FATAL, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("gqlsvl executor: the authenticator role is a superuser"),
                    errhint("Set gqlsvl.authenticator_role to a role without SUPERUSER.")));
  before_shmem_exit(leave, 0);
  auto *executor = pg::entry([] {
    prepare_session();
    return new Executor; // ends with the process
  });
  wake_listener();
  MemoryContext turn = AllocSetContextCreate(TopMemoryContext, "gqlsvl executor request", ALLOCSET_DEFAULT_SIZES);
  for (;;) {
    MemoryContextSwitchTo(turn);
    pg::entry([executor] { executor->turn(); }); // an ERROR here means the session is not clean: exit 1
    MemoryContextReset(turn);
  }
}
}
