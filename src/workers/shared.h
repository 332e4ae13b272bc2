// Shared memory of the workers: who runs, for which database, and how to wake them.
//
// In:  the launcher writes the plan (slots, databases); each worker writes its own pid and latch; backends post requests.
// Out: what stat_worker and check() show; wake-ups.
// Always: sizes are fixed at start. No pointer but latches (PGPROC latches: a stale one wakes somebody for nothing, which is harmless).
//   Functions marked noexcept use atomics and SetLatch only: no allocation, no lock, no ERROR; right for commit callbacks (docs/rules.md
//   10).
// After a crash of any process Postgres clears shared memory: everything starts from zero.
#pragma once
#include "live/topic.h"

#include <atomic>
#include <cstdint>

#include "pg/boundary.h"

extern "C" {
#include "datatype/timestamp.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
}

namespace gqlsvl::workers {

inline constexpr int max_databases = 8, max_slots = 64, max_channels = 32, max_requests = 32;
inline constexpr int signal_bits = 4096, signal_words = signal_bits / 64;
inline constexpr int row_words = live::topic_bits / 64, row_summary_words = row_words / 64, max_watched_columns = 256;
inline constexpr std::size_t ring_bytes = 256 * 1024;

enum class WorkerKind : std::uint32_t { None, Launcher, Probe, Listener, Executor, Delivery };
enum class WorkerState : std::uint32_t { Stopped, Starting, Running, Waiting }; // Waiting: for the end of the back-off

const char *name_of(WorkerKind kind);
const char *name_of(WorkerState state);

// One worker process that ought to run. Guard: Shared::lock for writing; the atomics are read without it.
struct Slot {
  std::atomic<Oid> database;
  std::atomic<WorkerKind> kind; // None: free
  std::atomic<WorkerState> state;
  std::atomic<int> pid;       // written by the worker itself: at its start and, 0, at its end
  std::atomic<Latch *> latch; // the same
  int index;                  // among the workers of its kind and database, from 0
  int channel;                // executors: their channel; else -1
  std::uint32_t generation;   // of this slot: raised at each start; a worker of an older generation leaves at once
  std::atomic<bool> leave;    // asked to end (executors: when nothing is under way); taken back at the next start
  bool surplus;               // not wanted any more: free once its process has ended
  int failures;               // starts in a row that ended early
  TimestampTz since, retry_at;
};

// Which relations committed transactions touched, for one database. Protocol: workers/signal.h.
struct SignalArea {
  std::atomic<std::uint32_t> active;                                // listener: 1 while anybody subscribes; 0: writers return at once
  std::atomic<std::uint64_t> generation;                            // writers: raised by each commit that touched a relation
  std::atomic<std::uint64_t> interest[signal_words];                // listener: relations to be woken for
  std::atomic<std::uint64_t> dirty[signal_words], dirty_everything; // writers set, the listener takes
  // The same by rows (live/topic.h).
  std::atomic<std::uint64_t> watched_columns[max_watched_columns]; // listener: relation << 32 | column; 0: free
  std::atomic<int> watched_column_count;                           // listener: 0: writers need not look
  std::atomic<std::uint64_t> columns_generation;                   // listener: raised with each column added
  std::atomic<std::uint64_t> row_interest[row_words];              // listener: topics to be woken for
  std::atomic<std::uint64_t> row_dirty[row_words];                 // writers set, the listener takes
  std::atomic<std::uint64_t> row_dirty_words[row_summary_words];   // which words of row_dirty: set after them, taken before them
  std::atomic<std::uint32_t> wake_pending;                         // writers 1, listener 0 before it takes: one SetLatch per batch
  std::atomic<Latch *> listener;
};

// A database that has the extension.
struct Database {
  std::atomic<Oid> oid;            // invalid: free
  std::atomic<Oid> authenticator;  // session user of the executors; invalid: no such role, or a superuser: no executor runs
  std::atomic<int> event_child;    // delivery worker: the event table that writers fill (events/store/rotation.h)
  std::atomic<bool> delivery_held; // delivery workers: events are captured and not sent (gqlsvl.delivery, gqlsvl.adopt)
  bool own_port;                   // guard: Shared::lock. gqlsvl.port is set by ALTER DATABASE ... SET
  int port;                        // guard: Shared::lock. gqlsvl.port in that database
  bool listens;                    // guard: Shared::lock. It has a listener and executors
  SignalArea signal;
};

// Bytes one way. Guard: Channel::lock.
struct ByteRing {
  std::uint64_t head, tail; // bytes ever written, ever read
  char bytes[ring_bytes];
};

// Between the listener of a database and one executor. Protocol: workers/ring.h.
struct Channel {
  LWLock lock;
  std::uint64_t epoch;                // guard: lock. Raised whenever either end starts or ends: bytes of an older epoch are gone
  bool ready;                         // guard: lock. An executor is there
  std::atomic<std::uint64_t> running; // executor: number of the call under way, 0 when idle
  std::atomic<std::uint64_t> cancel;  // listener: number of the call to be cancelled
  ByteRing to_executor, to_listener;
};

// A command that needs a database without our workers (DROP DATABASE ...): the launcher starts none there while it is held.
struct Hold {
  std::atomic<Oid> database;
  std::atomic<int> holder_pid;
};

enum class Request : std::uint32_t { None, Probe, Gone };

struct Shared {
  LWLock *lock;
  std::atomic<Latch *> launcher;
  std::atomic<int> launcher_pid;
  std::atomic<std::uint64_t> requests[max_requests]; // (Request << 32) | database; 0: free
  std::atomic<std::uint32_t> probe_all;              // too many requests, or CREATE DATABASE of an unknown one: look at all
  std::atomic<int> slots_needed, slots_missing;      // worker processes: as planned, and how many Postgres had no slot for
  Slot slots[max_slots];
  Database databases[max_databases];
  Hold holds[max_databases];
  Channel channels[max_channels];
};

// In _PG_init when preloaded: asks for the memory. In any process later: the memory, or null when not preloaded.
void request_shared_memory();
Shared *shared();

// First call of every worker's main function: SIGHUP asks for a reload, SIGTERM calls `on_terminate`; says "I run" in the slot given by
// MyBgworkerEntry->bgw_extra and takes that back at exit. A worker that is no longer wanted (its slot has moved on, or its database is
// held) leaves with proc_exit(0). `Start` is what bgw_extra holds.
struct Start {
  int slot;
  std::uint32_t generation;
};
Slot &join_workers(pqsigfunc on_terminate);

// Second: takes signals, connects as `role` (invalid: the bootstrap superuser) and shows `title` in pg_stat_activity.
void connect_worker(Oid database, Oid role, const char *title);

Database *find_database(Oid oid) noexcept; // null: has no workers
bool is_held(Oid database) noexcept;
void wake_launcher() noexcept;
void wake_delivery(Oid database) noexcept; // all delivery workers of the database; right in commit callbacks
int current_event_child(Oid database) noexcept;
void post_request(Request request, Oid database) noexcept;

} // namespace gqlsvl::workers
