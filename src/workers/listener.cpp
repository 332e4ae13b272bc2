// The listener: one background worker per database that owns the port.
//
// In:  bgw_main_arg: the database. Out: sockets served; requests handed to executors over the rings.
// One loop, one place to sleep: latch (commits, executors, signals) and libuv's descriptor (sockets, timers) together.
//   ResetLatch -> collect changes -> outcomes of executors -> uv_run(NOWAIT) -> what is due -> wait
// Always: connected to its database for that database's settings only: no transaction, no snapshot, no SQL, so it hinders neither vacuum
// nor DROP DATABASE. SIGTERM: sockets are closed with 1012 and the process ends within `farewell_ms`. Idle: no wake-ups.
#include "workers/listener_config.h"

#include "live/safety_net.h"
#include "server/io/server.h"

#include <algorithm>
#include <chrono>

#include "pg/settings.h"
#include "workers/ring_backend.h"
#include "workers/signal.h"

extern "C" {
#include "access/transam.h"
#include "access/xlog.h"
#include "access/xlogrecovery.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/procsignal.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

PG_MODULE_MAGIC;
}

namespace gqlsvl::workers {

namespace {

constexpr int farewell_ms = 300;

void write_log(server::LogLevel level, const std::string &message, const std::string &detail, const std::string &hint) {
  int elevel = level == server::LogLevel::Warning ? WARNING : LOG;
  ereport(elevel, (errmsg_internal("%s", message.c_str()), detail.empty() ? 0 : errdetail_internal("%s", detail.c_str()),
                   hint.empty() ? 0 : errhint("%s", hint.c_str())));
}

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds primary_look{60000}, standby_look{100};

// Moves with every change: on a standby no commit passes our hooks, there it is the replayed WAL.
std::uint64_t position() {
  return RecoveryInProgress() ? GetXLogReplayRecPtr(nullptr) : U64FromFullTransactionId(ReadNextFullTransactionId());
}

// The commit signal in the server's words, and the net under it (docs/rules.md, 17).
class SharedSignal final : public server::ChangeSignal {
public:
  explicit SharedSignal(Database &database) : signal_(database) {}
  void set_active(bool active) override {
    signal_.set_active(active);
    net_.set_interval(RecoveryInProgress() ? standby_look : primary_look);
    net_.set_active(active, position(), Clock::now());
  }
  std::uint64_t generation() override { return signal_.generation(); }
  void watch(live::Topic topic) override { signal_.watch(topic); }
  void unwatch(live::Topic topic) override { signal_.unwatch(topic); }

  void tell(server::LiveQueries &live) {
    const Signal::Changes changes = signal_.collect();
    if (changes.everything) live.everything_changed();
    for (live::Topic topic : changes.topics) live.changed(topic);
    look_for_unseen_changes(live);
  }

  // Milliseconds until the next look; -1: nobody subscribes.
  long wait_ms() const {
    if (!net_.next_look()) return -1;
    return std::max<long>(0, std::chrono::ceil<std::chrono::milliseconds>(*net_.next_look() - Clock::now()).count());
  }

private:
  void look_for_unseen_changes(server::LiveQueries &live) {
    const auto now = Clock::now();
    if (!net_.next_look() || now < *net_.next_look()) return;
    const bool standby = RecoveryInProgress();
    net_.set_interval(standby ? standby_look : primary_look); // there may have been a promotion
    if (!net_.look(position(), now)) return;
    standby ? live.everything_changed() : live.something_may_have_changed();
  }

  Signal signal_;
  live::SafetyNet net_{primary_look};
};

class Listener {
public:
  explicit Listener(Database &database);
  ~Listener();
  Listener(const Listener &) = delete;
  void run();

private:
  void turn();
  void reload();
  void say_farewell();
  std::string problem() const;
  long wait_ms(int uv_ms) const;
  void wait(long ms);

  uv_loop_t loop_;
  SharedSignal signal_;
  RingBackend backend_;
  ListenerConfig config_;
  std::unique_ptr<server::Server> server_;
  WaitEventSet *events_ = nullptr;
};

Listener::Listener(Database &database) : signal_(database), backend_(MyDatabaseId), config_(read_listener_config(write_log)) {
  if (uv_loop_init(&loop_) != 0) throw Error(sqlstate::internal, "gqlsvl listener: libuv could not be started");
  server_ = std::make_unique<server::Server>(&loop_, config_.options, backend_, signal_, write_log);
  if (config_.options.auth.closed())
    write_log(server::LogLevel::Info, "gqlsvl lets nobody in yet", "No key, secret or anonymous role is set.",
              "Set gqlsvl.jwt_secret, gqlsvl.admin_secret or gqlsvl.anonymous_role.");
  pg::call([this] {
    events_ = CreateWaitEventSet(TopMemoryContext, 3);
    AddWaitEventToSet(events_, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, nullptr);
    AddWaitEventToSet(events_, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, nullptr, nullptr);
    AddWaitEventToSet(events_, WL_SOCKET_READABLE, uv_backend_fd(&loop_), nullptr, nullptr);
  });
}

Listener::~Listener() {
  server_.reset();
  // Handles are freed by the loop; it is small work and bounded.
  for (int i = 0; i < 100 && uv_run(&loop_, UV_RUN_NOWAIT); ++i) {}
  uv_loop_close(&loop_);
}

std::string Listener::problem() const {
  if (!config_.problem.empty()) return config_.problem;
  return backend_.executors_ready() == 0 ? "no executor is running" : "";
}

void Listener::reload() {
  pg::call([] { ProcessConfigFile(PGC_SIGHUP); });
  config_ = read_listener_config(write_log);
  server_->reconfigure(config_.options);
}

void Listener::turn() {
  signal_.tell(server_->live());
  backend_.on_latch();
  server_->set_problem(problem());
  uv_run(&loop_, UV_RUN_NOWAIT);
  server_->finish_turn();
}

long Listener::wait_ms(int uv_ms) const {
  long least = -1;
  for (long ms : {static_cast<long>(uv_ms), static_cast<long>(backend_.wait_ms()), signal_.wait_ms()})
    if (ms >= 0) least = least < 0 ? ms : std::min(least, ms);
  return least;
}

void Listener::wait(long ms) {
  pg::call([this, ms] {
    WaitEvent event;
    WaitEventSetWait(events_, ms, &event, 1, PG_WAIT_EXTENSION);
  });
}

void Listener::run() {
  while (!ShutdownRequestPending) {
    pg::call([] {
      ResetLatch(MyLatch);
      CHECK_FOR_INTERRUPTS();
    });
    if (ConfigReloadPending) {
      ConfigReloadPending = false;
      reload();
    }
    turn();
    // 0: the loop has something to do at once, such as telling the kernel of a new socket.
    if (int uv_ms = uv_backend_timeout(&loop_); uv_ms != 0) wait(wait_ms(uv_ms));
  }
  say_farewell();
}

void Listener::say_farewell() {
  const auto end = Clock::now() + std::chrono::milliseconds(farewell_ms);
  server_->shut_down();
  while (!server_->idle() && Clock::now() < end) {
    uv_run(&loop_, UV_RUN_NOWAIT);
    if (uv_backend_timeout(&loop_) == 0) continue;
    pg::call([this] {
      ResetLatch(MyLatch);
      CHECK_FOR_INTERRUPTS();
      WaitEvent event;
      WaitEventSetWait(events_, 20, &event, 1, PG_WAIT_EXTENSION);
    });
  }
}

} // namespace
} // namespace gqlsvl::workers

extern "C" {
extern PGDLLEXPORT void gqlsvl_listener_main(Datum database);

void gqlsvl_listener_main(Datum database_oid) {
  using namespace gqlsvl;
  using namespace gqlsvl::workers;
  join_workers(SignalHandlerForShutdownRequest);
  connect_worker(DatumGetObjectId(database_oid), InvalidOid, "gqlsvl listener");
  Database *database = find_database(MyDatabaseId);
  if (!database) proc_exit(1);
  pg::Report failure;
  try {
    Listener(*database).run();
    proc_exit(0);
  } catch (...) { failure = pg::report_of_current_exception(); }
  pg::log(LOG, failure);
  ereport(LOG, (errmsg("gqlsvl listener ends and will be started again")));
  proc_exit(1);
}
}
