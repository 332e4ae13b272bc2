// A module for test/t/rights.pl: a session that stands in for the listener (which the test has stopped) and asks the executors.
#include "workers/ring_backend.h"
#include "workers/signal.h"

extern "C" {
PG_MODULE_MAGIC;
#include "utils/wait_event.h"
}

using namespace gqlsvl;

namespace {

std::string text_argument(FunctionCallInfo fcinfo, int number) { return text_to_cstring(PG_GETARG_TEXT_PP(number)); }

void wait_for_latch() {
  pg::call([] {
    WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 20, PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS();
  });
}

} // namespace

// ring_call(kind text, role text, sub text, query text, admin boolean, cancel boolean [, at turn int]) -> json: the answer, and the
// relations it depends on.
GQLSVL_FUNCTION(gqlsvl_test_ring_call) {
  server::Call call;
  call.ticket = 1;
  call.kind = text_argument(fcinfo, 0) == "evaluate" ? server::CallKind::Evaluate : server::CallKind::Execute;
  call.session.role = text_argument(fcinfo, 1);
  call.session.claims = "{\"sub\":\"" + text_argument(fcinfo, 2) + "\"}";
  call.query = text_argument(fcinfo, 3);
  call.session.admin = PG_GETARG_BOOL(4);
  const bool cancel = PG_GETARG_BOOL(5);
  const int cancel_at_turn = PG_NARGS() > 6 ? PG_GETARG_INT32(6) : 6; // 0: before the executor can have begun
  workers::shared();
  workers::Database *database = workers::find_database(MyDatabaseId);
  if (!database) throw Error("55000", "no workers for this database");
  workers::Signal own_latch(*database);
  workers::RingBackend backend(MyDatabaseId);
  std::string answer;
  backend.submit(call, [&answer](server::Outcome outcome) {
    answer = "{\"answer\":" + outcome.json + ",\"relations\":[";
    for (live::Topic topic : outcome.topics) answer += (answer.back() == '[' ? "" : ",") + std::to_string(live::relation_of(topic));
    answer += "]}";
  });
  for (int turn = 0; answer.empty(); turn++) {
    backend.on_latch();
    if (cancel && turn >= cancel_at_turn) backend.cancel(1);
    if (answer.empty()) wait_for_latch();
  }
  PG_RETURN_TEXT_P(cstring_to_text(answer.c_str()));
}
