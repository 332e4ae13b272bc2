// One value of a column as JSON text, the same that to_json writes, several times faster: what is looked up for a type is kept.
//
// In:  a type, then Datums of it. Out: JSON appended to a StringInfo.
// Always: numbers that JSON lacks (NaN, the infinities) are strings; a cast to json that a user made is used. Dates and times are written
// in
//   the session's TimeZone.
// Plain Postgres code for use inside pg::call or in an SQL function: nothing here has a destructor. Tests: test/pgtap/json_functions.sql.
#pragma once
#include "pg/boundary.h"

extern "C" {
#include "fmgr.h"
#include "lib/stringinfo.h"
}

namespace gqlsvl::pg {

class JsonWriter {
public:
  JsonWriter(Oid type, MemoryContext context); // `context`: of what is looked up, for as long as the writer is used
  void append(StringInfo out, Datum value);    // not null

private:
  enum class Form { Boolean, Int2, Int4, Int8, Number, Date, Text, Literal, Name, Json, Jsonb, Output, ToJson };
  static Form form_of(Oid type);
  void append_number(StringInfo out, Datum value);
  void append_date(StringInfo out, Datum value);

  Oid type_; // below domains
  Form form_;
  FmgrInfo function_; // Number, Output: the type's output function; ToJson: to_json with the type known
};

void append_json_string(StringInfo out, const char *text, int bytes); // quoted and escaped

} // namespace gqlsvl::pg
