// The boundary between C++ and Postgres: ERROR -> exception -> ERROR, nothing lost, no destructor skipped.
//
// call(body):   the only way from C++ into Postgres code that may ereport(ERROR). Its longjmp ends here and becomes gqlsvl::Error.
// entry(body):  the only way out of C++ into Postgres: every C++ object is gone before ereport jumps.
// GQLSVL_FUNCTION(name) { ... }: an SQL-callable function with `entry` around it; `fcinfo` is in scope.
//
// Always: after a caught ERROR the caller either passes it on or had opened a subtransaction before (pg/transaction.h). A cancel (57014)
// and a shutdown (57P01) are always passed on. `body` of call() must hold no object with a destructor: the longjmp skips it.
#pragma once
#include "base/error.h"

#include <csetjmp>
#include <string>
#include <type_traits>

#include "pg/server.h"

namespace gqlsvl::pg {

// An error on its way to ereport: plain pointers into the memory context that was current; survives the end of every C++ object.
struct Report {
  int sqlerrcode = 0;
  char *message = nullptr, *detail = nullptr, *hint = nullptr, *context = nullptr;
  char *constraint_name = nullptr, *table_name = nullptr, *column_name = nullptr;
};

[[noreturn]] void throw_as_error(ErrorData *error); // frees `error`
Report report_of_current_exception() noexcept;      // call inside catch (...)
[[noreturn]] void raise(const Report &report);      // ereport(ERROR)
void log(int elevel, Report &report) noexcept;      // ereport below ERROR; frees the report's texts

// Puts Postgres's error handlers back, also when a C++ exception ends the scope.
struct HandlerScope {
  sigjmp_buf *stack = PG_exception_stack;
  ErrorContextCallback *context = error_context_stack;
  HandlerScope() = default;
  HandlerScope(const HandlerScope &) = delete;
  ~HandlerScope() {
    PG_exception_stack = stack;
    error_context_stack = context;
  }
};

template <typename F> auto call(F &&body) -> std::invoke_result_t<F> {
  static_assert(std::is_trivially_destructible_v<std::remove_reference_t<F>>, "capture by reference: longjmp skips destructors");
  MemoryContext caller = CurrentMemoryContext;
  {
    HandlerScope handlers;
    sigjmp_buf here;
    if (sigsetjmp(here, 0) == 0) {
      PG_exception_stack = &here;
      return body();
    }
  }
  MemoryContextSwitchTo(caller);
  ErrorData *error = CopyErrorData();
  FlushErrorState();
  throw_as_error(error);
}

// Runs C++ for Postgres. Returns what `body` returns; an exception becomes ereport(ERROR).
template <typename F> auto entry(F &&body) -> std::invoke_result_t<F> {
  Report report;
  try {
    return body();
  } catch (...) { report = report_of_current_exception(); }
  raise(report);
}

// errcode() form of five characters.
int sqlstate_code(const std::string &five) noexcept;
std::string sqlstate_text(int code);

} // namespace gqlsvl::pg

#define GQLSVL_FUNCTION(name)                                                                                                              \
  static Datum name##_body(FunctionCallInfo fcinfo);                                                                                       \
  extern "C" {                                                                                                                             \
  extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS);                                                                                         \
  PG_FUNCTION_INFO_V1(name);                                                                                                               \
  Datum name(PG_FUNCTION_ARGS) {                                                                                                           \
    return gqlsvl::pg::entry([fcinfo]() -> Datum { return name##_body(fcinfo); });                                                         \
  }                                                                                                                                        \
  }                                                                                                                                        \
  static Datum name##_body(FunctionCallInfo fcinfo)
