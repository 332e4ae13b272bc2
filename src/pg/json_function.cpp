#include "pg/json_function.h"

#include "pg/compat.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/fmgrprotos.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
}

namespace gqlsvl::pg {

std::string signature_of(Oid function) {
  return call([function] { return format_procedure_qualified(function); });
}

Oid find_json_function(const std::string &signature, Oid role) {
  const char *text = signature.c_str();
  bool fits = false;
  Oid function = call([&] {
    Oid found = DatumGetObjectId(DirectFunctionCall1(regprocedurein, CStringGetDatum(text)));
    HeapTuple row = SearchSysCache1(PROCOID, ObjectIdGetDatum(found));
    if (!HeapTupleIsValid(row))
      ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION), errmsg("function %s does not exist", text), errhint("Check the signature.")));
    auto *form = reinterpret_cast<Form_pg_proc>(GETSTRUCT(row));
    fits = form->prokind == PROKIND_FUNCTION && !form->proretset && form->pronargs == 1 && form->proargtypes.values[0] == JSONOID &&
           form->prorettype == JSONOID;
    ReleaseSysCache(row);
    return found;
  });
  if (!fits)
    throw Error(sqlstate::wrong_object_type, "function " + signature + " cannot be a transform",
                "It is not a function f(json) RETURNS json.", "Write CREATE FUNCTION f(event json) RETURNS json.");
  if (!call([&] { return may_execute(function, role); }))
    throw Error(sqlstate::insufficient_privilege, "permission denied for function " + signature, "The trigger's owner may not execute it.",
                "GRANT EXECUTE ON FUNCTION " + signature + " to the owner.");
  return function;
}

std::optional<std::string> call_json_function(Oid function, const std::string &json) {
  const char *given = json.c_str(), *answer = nullptr;
  call([&] {
    LOCAL_FCINFO(fcinfo, 1);
    FmgrInfo info;
    fmgr_info(function, &info);
    InitFunctionCallInfoData(*fcinfo, &info, 1, DEFAULT_COLLATION_OID, nullptr, nullptr);
    fcinfo->args[0].value = CStringGetTextDatum(given); // json is stored as text is
    fcinfo->args[0].isnull = false;
    Datum result = FunctionCallInvoke(fcinfo);
    if (!fcinfo->isnull) answer = TextDatumGetCString(result);
  });
  return answer ? std::optional<std::string>(answer) : std::nullopt;
}

} // namespace gqlsvl::pg
