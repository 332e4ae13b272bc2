#include "outbound/client.h"
#include "base/error.h"
#include "outbound/transfer.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

namespace gqlsvl::outbound {

static constexpr long kept_connections = 256; // idle ones, all hosts together
static constexpr int events_per_round = 64;

// libcurl starts resolver threads; they inherit the mask, so that no handler of Postgres ever runs in them.
class SignalsBlocked {
public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) sigdelset(&all, fault);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked &) = delete;

private:
  sigset_t before_;
};

// An origin has at most connections_per_host transfers under way; the rest waits here and not in libcurl, whose own queue lets the
// transfers of one full host keep back those of another.
struct Origin {
  long active = 0;
  std::deque<Transfer *> waiting;
};

using Origins = std::map<std::string, Origin>;

struct Client::State {
  explicit State(const Options &options)
      : limits{AddressList(options.allow, "gqlsvl.outbound_allow"), AddressList(options.deny, "gqlsvl.outbound_deny"), options.ca_file,
               options.body_bytes, options.user_agent},
        per_origin(std::max(options.connections_per_host, 1L)) {}
  ~State();
  void open();
  std::string start(Transfer *transfer, Origin &origin);
  void start_waiting(Origins::iterator origin);
  void socket_work();
  void collect();
  void expire();
  void retire(Transfer *transfer, Answer answer);

  static int on_socket(CURL *, curl_socket_t socket, int what, void *state, void *known) noexcept;
  static int on_timer(CURLM *, long timeout_ms, void *state) noexcept;

  struct Entry {
    std::unique_ptr<Transfer> transfer;
    std::string origin;
    bool started = false;
  };
  Limits limits;
  long per_origin;
  CURLM *multi = nullptr;
  int epoll = -1;
  std::optional<Clock::time_point> timer; // when libcurl wants to be called
  std::unordered_map<Transfer *, Entry> transfers;
  Origins origins;
  std::set<std::pair<Clock::time_point, Transfer *>> deadlines;
  std::vector<Answer> ready;
};

static void initialise_curl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT); // once for each process, in the first that sends anything
  if (code != CURLE_OK) throw Error(sqlstate::internal, std::string("libcurl does not start: ") + curl_easy_strerror(code));
}

void Client::State::open() {
  initialise_curl();
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) throw Error(sqlstate::internal, "could not create an epoll descriptor", strerrordesc_np(errno));
  multi = curl_multi_init();
  if (multi == nullptr) throw Error(sqlstate::out_of_memory, "out of memory", "libcurl's multi handle could not be created.");
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &State::on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &State::on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kept_connections);
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
}

Client::State::~State() {
  SignalsBlocked blocked;
  for (auto &[transfer, entry] : transfers)
    if (entry.started) curl_multi_remove_handle(multi, transfer->easy);
  transfers.clear();
  if (multi != nullptr) curl_multi_cleanup(multi);
  if (epoll >= 0) close(epoll);
}

int Client::State::on_socket(CURL *, curl_socket_t socket, int what, void *state, void *known) noexcept {
  auto *self = static_cast<State *>(state);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(self->epoll, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
  event.data.fd = socket;
  if (epoll_ctl(self->epoll, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event) != 0) {
    int other = known == nullptr ? EPOLL_CTL_MOD : EPOLL_CTL_ADD; // a number used again since libcurl last spoke of it
    if (epoll_ctl(self->epoll, other, socket, &event) != 0) return -1;
  }
  curl_multi_assign(self->multi, socket, self);
  return 0;
}

int Client::State::on_timer(CURLM *, long timeout_ms, void *state) noexcept {
  auto *self = static_cast<State *>(state);
  if (timeout_ms < 0)
    self->timer.reset();
  else
    self->timer = Clock::now() + std::chrono::milliseconds(timeout_ms);
  return 0;
}

// Why it could not be started; empty: it is under way.
std::string Client::State::start(Transfer *transfer, Origin &origin) {
  try {
    transfer->prepare();
  } catch (const std::bad_alloc &) { return "out of memory"; }
  CURLMcode code = curl_multi_add_handle(multi, transfer->easy);
  if (code != CURLM_OK) return std::string("libcurl refuses the request: ") + curl_multi_strerror(code);
  transfers.at(transfer).started = true;
  ++origin.active;
  return {};
}

// As many as may be under way at once; the origin is forgotten when nothing is left of it.
void Client::State::start_waiting(Origins::iterator at) {
  Origin &origin = at->second;
  while (origin.active < per_origin && !origin.waiting.empty()) {
    Transfer *next = origin.waiting.front();
    origin.waiting.pop_front();
    std::string failure = start(next, origin);
    if (failure.empty()) continue;
    deadlines.erase({next->deadline, next});
    ready.push_back(next->fail(failure));
    transfers.erase(next);
  }
  if (origin.active == 0 && origin.waiting.empty()) origins.erase(at);
}

void Client::State::retire(Transfer *transfer, Answer answer) {
  auto at = transfers.find(transfer);
  auto origin = origins.find(at->second.origin);
  deadlines.erase({transfer->deadline, transfer});
  if (at->second.started) {
    curl_multi_remove_handle(multi, transfer->easy);
    --origin->second.active;
  } else {
    std::erase(origin->second.waiting, transfer);
  }
  ready.push_back(std::move(answer));
  transfers.erase(at);
  start_waiting(origin);
}

void Client::State::socket_work() {
  int running = 0;
  if (timer && *timer <= Clock::now()) {
    timer.reset();
    curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  epoll_event events[events_per_round];
  int count = epoll_wait(epoll, events, events_per_round, 0);
  for (int i = 0; i < count; ++i) {
    int what = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
               (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(multi, events[i].data.fd, what, &running);
  }
}

void Client::State::collect() {
  int left = 0;
  while (CURLMsg *message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURLcode code = message->data.result;
    char *owner = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
    auto *transfer = reinterpret_cast<Transfer *>(owner);
    retire(transfer, transfer->finish(code));
  }
}

void Client::State::expire() {
  auto now = Clock::now();
  while (!deadlines.empty() && deadlines.begin()->first <= now) {
    Transfer *transfer = deadlines.begin()->second;
    retire(transfer, transfer->time_out());
  }
}

Client::Client(const Options &options) : state_(std::make_unique<State>(options)) { state_->open(); }
Client::~Client() = default;

void Client::add(Request request) {
  SignalsBlocked blocked;
  std::string origin_name = Transfer::origin_of(request.url);
  auto owned = std::make_unique<Transfer>(std::move(request), state_->limits);
  Transfer *transfer = owned.get();
  if (std::string refusal = transfer->refusal(); !refusal.empty()) {
    state_->ready.push_back(transfer->fail(refusal));
    return;
  }
  auto origin = state_->origins.try_emplace(origin_name).first;
  origin->second.waiting.push_back(transfer);
  state_->transfers.emplace(transfer, State::Entry{std::move(owned), std::move(origin_name)});
  state_->deadlines.emplace(transfer->deadline, transfer);
  state_->start_waiting(origin);
}

std::vector<Answer> Client::drive() {
  SignalsBlocked blocked;
  state_->socket_work();
  state_->collect();
  state_->expire();
  return std::exchange(state_->ready, {});
}

std::chrono::milliseconds Client::wait() const {
  if (!state_->ready.empty()) return std::chrono::milliseconds(0);
  std::optional<Clock::time_point> due = state_->timer;
  if (!state_->deadlines.empty() && (!due || state_->deadlines.begin()->first < *due)) due = state_->deadlines.begin()->first;
  if (!due) return std::chrono::milliseconds(-1);
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(*due - Clock::now()), std::chrono::milliseconds(0));
}

int Client::descriptor() const { return state_->epoll; }
std::size_t Client::in_flight() const { return state_->transfers.size() + state_->ready.size(); }

} // namespace gqlsvl::outbound
