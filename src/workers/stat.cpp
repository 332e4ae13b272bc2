// SQL functions behind gqlsvl.stat_worker and gqlsvl.check(): what shared memory says of the workers.
#include "workers/shared.h"

extern "C" {
#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
}

namespace {

using namespace gqlsvl;
using namespace gqlsvl::workers;

struct Row {
  int pid, index, failures;
  WorkerKind kind;
  Oid database;
  const char *state;
  TimestampTz since;
};

void put(ReturnSetInfo *result, const Row &row) {
  Datum values[7] = {Int32GetDatum(row.pid),        CStringGetTextDatum(name_of(row.kind)), ObjectIdGetDatum(row.database),
                     Int32GetDatum(row.index),      CStringGetTextDatum(row.state),         Int32GetDatum(row.failures),
                     TimestampTzGetDatum(row.since)};
  bool nulls[7] = {row.pid == 0, false, !OidIsValid(row.database), false, false, false, row.since == 0};
  tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

} // namespace

GQLSVL_FUNCTION(gqlsvl_workers) {
  auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
  pg::call([fcinfo] { InitMaterializedSRF(fcinfo, 0); });
  Shared *memory = shared();
  if (!memory) return 0;
  const int launcher = memory->launcher_pid.load();
  pg::call([&] {
    put(result, {launcher, 0, 0, WorkerKind::Launcher, InvalidOid, name_of(launcher ? WorkerState::Running : WorkerState::Stopped), 0});
    for (Slot &slot : memory->slots) {
      const WorkerKind kind = slot.kind.load();
      if (kind == WorkerKind::None) continue;
      put(result, {slot.pid.load(), slot.index, slot.failures, kind, slot.database.load(), name_of(slot.state.load()), slot.since});
    }
  });
  return 0;
}

GQLSVL_FUNCTION(gqlsvl_worker_slots) {
  TupleDesc shape = nullptr;
  Shared *memory = shared();
  return pg::call([&] {
    if (get_call_result_type(fcinfo, nullptr, &shape) != TYPEFUNC_COMPOSITE) elog(ERROR, "gqlsvl.worker_slots returns a record");
    Datum values[2] = {Int32GetDatum(memory ? memory->slots_needed.load() : 0), Int32GetDatum(memory ? memory->slots_missing.load() : 0)};
    bool nulls[2] = {!memory, !memory};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(shape), values, nulls));
  });
}
