// A module for test/pgtap/boundary.sql: errors cross the Postgres boundary in both directions while C++ objects are alive.
#include "pg/boundary.h"
#include "pg/transaction.h"

#include <new>

extern "C" {
PG_MODULE_MAGIC;
}

using namespace gqlsvl;

namespace {
int living = 0; // objects whose destructor has not run
struct Counted {
  Counted() { ++living; }
  ~Counted() { --living; }
};
} // namespace

// boundary_living() -> int: how many C++ objects were leaked so far.
GQLSVL_FUNCTION(gqlsvl_test_living) { PG_RETURN_INT32(living); }

// boundary_throw(kind) -> void: a C++ exception of that kind leaves the function.
GQLSVL_FUNCTION(gqlsvl_test_throw) {
  Counted here;
  switch (PG_GETARG_INT32(0)) {
  case 0: throw Error("22023", "the message", "the detail", "the hint");
  case 1: throw std::bad_alloc();
  case 2: throw std::runtime_error("a standard exception");
  default: throw 42;
  }
}

// boundary_execute(sql) -> void: SQL through call(); its ERROR passes as an exception over living objects and out again.
GQLSVL_FUNCTION(gqlsvl_test_execute) {
  Counted outer;
  const char *sql = text_to_cstring(PG_GETARG_TEXT_PP(0));
  pg::Spi spi;
  {
    Counted inner;
    pg::call([sql] { SPI_execute(sql, false, 0); });
  }
  spi.finish();
  PG_RETURN_VOID();
}

// boundary_catch(sql) -> text: the ERROR caught in C++ behind a subtransaction, as `SQLSTATE|message|detail|hint`.
GQLSVL_FUNCTION(gqlsvl_test_catch) {
  Counted outer;
  const char *sql = text_to_cstring(PG_GETARG_TEXT_PP(0));
  pg::Spi spi;
  std::string seen = "no error";
  try {
    pg::Subtransaction undo;
    Counted inner;
    pg::call([sql] { SPI_execute(sql, false, 0); });
    undo.commit();
  } catch (const Error &e) { seen = e.sqlstate + "|" + e.message() + "|" + e.detail + "|" + e.hint; }
  spi.finish();
  PG_RETURN_TEXT_P(cstring_to_text(seen.c_str()));
}
