#include "pg/boundary.h"

#include <new>

namespace gqlsvl::pg {

namespace {

std::string text_of(const char *s) { return s ? std::string(s) : std::string(); }

char *copy_no_oom(const std::string &s) noexcept {
  if (s.empty()) return nullptr;
  auto *copy = static_cast<char *>(MemoryContextAllocExtended(CurrentMemoryContext, s.size() + 1, MCXT_ALLOC_NO_OOM));
  if (copy) memcpy(copy, s.c_str(), s.size() + 1);
  return copy;
}

} // namespace

int sqlstate_code(const std::string &five) noexcept {
  if (five.size() != 5) return ERRCODE_INTERNAL_ERROR;
  return MAKE_SQLSTATE(five[0], five[1], five[2], five[3], five[4]);
}

std::string sqlstate_text(int code) { return unpack_sql_state(code); }

void throw_as_error(ErrorData *error) {
  Error thrown(sqlstate_text(error->sqlerrcode), text_of(error->message), text_of(error->detail), text_of(error->hint));
  thrown.context = text_of(error->context);
  thrown.constraint_name = text_of(error->constraint_name);
  thrown.table_name = text_of(error->table_name);
  thrown.column_name = text_of(error->column_name);
  thrown.routine = text_of(error->funcname);
  FreeErrorData(error);
  throw thrown;
}

Report report_of_current_exception() noexcept {
  Report report;
  report.sqlerrcode = ERRCODE_INTERNAL_ERROR;
  try {
    throw;
  } catch (const Error &e) {
    report.sqlerrcode = sqlstate_code(e.sqlstate);
    report.message = copy_no_oom(e.message());
    report.detail = copy_no_oom(e.detail);
    report.hint = copy_no_oom(e.hint);
    report.context = copy_no_oom(e.context);
    report.constraint_name = copy_no_oom(e.constraint_name);
    report.table_name = copy_no_oom(e.table_name);
    report.column_name = copy_no_oom(e.column_name);
  } catch (const std::bad_alloc &) {
    report.sqlerrcode = ERRCODE_OUT_OF_MEMORY;
    report.message = copy_no_oom("out of memory");
  } catch (const std::exception &e) { report.message = copy_no_oom(std::string("gqlsvl: ") + e.what()); } catch (...) {
    report.message = copy_no_oom("gqlsvl: unknown C++ exception");
  }
  return report;
}

static void fill(const Report &report) {
  errcode(report.sqlerrcode);
  errmsg_internal("%s", report.message ? report.message : "out of memory while an error was reported");
  if (report.detail) errdetail_internal("%s", report.detail);
  if (report.hint) errhint("%s", report.hint);
  if (report.context) errcontext("%s", report.context);
  if (report.constraint_name) err_generic_string(PG_DIAG_CONSTRAINT_NAME, report.constraint_name);
  if (report.table_name) err_generic_string(PG_DIAG_TABLE_NAME, report.table_name);
  if (report.column_name) err_generic_string(PG_DIAG_COLUMN_NAME, report.column_name);
}

void raise(const Report &report) {
  // The first ereport has asked every callback for its line of context already: asking again would double them (as in ReThrowError).
  if (report.context) error_context_stack = nullptr;
  ereport(ERROR, (fill(report)));
  pg_unreachable();
}

void log(int elevel, Report &report) noexcept {
  Assert(elevel < ERROR);
  ereport(elevel, (fill(report)));
  for (char **part :
       {&report.message, &report.detail, &report.hint, &report.context, &report.constraint_name, &report.table_name, &report.column_name}) {
    if (*part) pfree(*part);
    *part = nullptr;
  }
}

} // namespace gqlsvl::pg
