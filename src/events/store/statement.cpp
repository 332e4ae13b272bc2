#include "events/store/statement.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
}

namespace gqlsvl::events {

using pg::call;

namespace {

std::vector<std::vector<Text>> rows_of_result() {
  std::vector<std::vector<Text>> rows;
  if (!SPI_tuptable) return rows;
  const int columns = SPI_tuptable->tupdesc->natts;
  rows.reserve(SPI_processed);
  for (std::uint64_t i = 0; i < SPI_processed; i++) {
    std::vector<Text> &row = rows.emplace_back();
    for (int column = 1; column <= columns; column++) {
      const char *value = call([&] { return SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, column); });
      row.push_back(value ? Text(value) : Text());
    }
  }
  return rows;
}

} // namespace

void Parameters::add(Oid type, Datum value, bool is_null) {
  types_.push_back(type);
  values_.push_back(value);
  nulls_.push_back(is_null ? 'n' : ' ');
}

Parameters &Parameters::text(const std::string &value) {
  add(TEXTOID, call([&value] { return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size()))); }), false);
  return *this;
}

Parameters &Parameters::null() {
  add(TEXTOID, 0, true);
  return *this;
}

Parameters &Parameters::texts(const std::vector<Text> &values) {
  Datum array = call([&values] {
    int count = static_cast<int>(values.size()), lower = 1;
    if (count == 0) return PointerGetDatum(construct_empty_array(TEXTOID));
    auto *elements = static_cast<Datum *>(palloc(sizeof(Datum) * count));
    auto *nulls = static_cast<bool *>(palloc(sizeof(bool) * count));
    for (int i = 0; i < count; i++) {
      nulls[i] = !values[i].has_value();
      elements[i] = nulls[i] ? 0 : PointerGetDatum(cstring_to_text_with_len(values[i]->data(), static_cast<int>(values[i]->size())));
    }
    return PointerGetDatum(construct_md_array(elements, nulls, 1, &count, &lower, TEXTOID, -1, false, TYPALIGN_INT));
  });
  add(TEXTARRAYOID, array, false);
  return *this;
}

std::vector<std::vector<Text>> Statement::run(Parameters parameters) {
  auto &types = const_cast<std::vector<Oid> &>(parameters.types());
  Datum *values = parameters.values().data();
  const char *nulls = parameters.nulls().data();
  call([&] {
    if (!plan_) {
      SPIPlanPtr plan = SPI_prepare(sql_, static_cast<int>(types.size()), types.data());
      if (!plan) elog(ERROR, "a statement of the delivery worker was not prepared: %s", SPI_result_code_string(SPI_result));
      SPI_keepplan(plan);
      plan_ = plan;
    }
    int result = SPI_execute_plan(plan_, values, nulls, false, 0);
    if (result < 0) elog(ERROR, "a statement of the delivery worker was not run: %s", SPI_result_code_string(result));
  });
  return rows_of_result();
}

std::vector<std::vector<Text>> run_once(const std::string &sql) {
  const char *text = sql.c_str();
  call([text] {
    int result = SPI_execute(text, false, 0);
    if (result < 0) elog(ERROR, "a statement of the delivery worker was not run: %s", SPI_result_code_string(result));
  });
  return rows_of_result();
}

} // namespace gqlsvl::events
