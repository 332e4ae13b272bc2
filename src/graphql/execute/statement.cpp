#include "graphql/execute/statement.h"

extern "C" {
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
}

namespace gqlsvl::graphql::execute {

namespace {

std::vector<Oid> types_of(const compile::Statement &statement) {
  std::vector<Oid> types;
  for (const compile::Parameter &parameter : statement.parameters) types.push_back(parameter.type);
  return types;
}

void prepare(PreparedStatement &prepared) {
  if (prepared.plan) return;
  std::vector<Oid> types = types_of(*prepared.statement);
  const char *sql = prepared.statement->sql.c_str();
  pg::call([&] {
    SPIPlanPtr plan = SPI_prepare(sql, static_cast<int>(types.size()), types.data());
    if (!plan) elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
    SPI_keepplan(plan);
    prepared.plan = plan;
  });
}

// Texts become values by the input function of the parameter's type, in the order of the parameters.
Datum input_value(Oid type, const char *text) {
  Oid function = InvalidOid, io_parameter = InvalidOid;
  getTypeInputInfo(type, &function, &io_parameter);
  return OidInputFunctionCall(function, const_cast<char *>(text), io_parameter, -1);
}

struct Bound {
  std::vector<Datum> values;
  std::vector<char> nulls;
};

Datum bind(const compile::Parameter &parameter, const validation::Variables &variables, const Before &before, bool &is_null) {
  switch (parameter.source) {
  case compile::ParameterSource::AffectedRows: return Int64GetDatum(before.returned->rows);
  case compile::ParameterSource::ReturnedColumn: return before.returned->columns[parameter.column];
  case compile::ParameterSource::StepValue: return before.steps->at(parameter.step)->value(parameter.row, parameter.column, is_null);
  default: break;
  }
  const std::optional<std::string> text = compile::parameter_text(parameter, variables);
  is_null = !text;
  const char *characters = text ? text->c_str() : nullptr;
  try {
    // Called for NULL too: a domain may refuse it.
    return pg::call([&] { return input_value(parameter.type, characters); });
  } catch (Error &error) {
    if (error.sqlstate == "42601") error.sqlstate = "22P02"; // jsonpath says "syntax error", as if it were of our SQL
    throw;
  }
}

Bound bind(const compile::Statement &statement, const validation::Variables &variables, const Before &before) {
  Bound bound;
  for (const compile::Parameter &parameter : statement.parameters) {
    bool is_null = false;
    bound.values.push_back(bind(parameter, variables, before, is_null));
    bound.nulls.push_back(is_null ? 'n' : ' ');
  }
  return bound;
}

void execute(PreparedStatement &prepared, const validation::Variables &variables, const Before &before, bool read_only) {
  prepare(prepared);
  Bound bound = bind(*prepared.statement, variables, before);
  pg::call([&] {
    const int result = SPI_execute_plan(prepared.plan, bound.values.data(), bound.nulls.data(), read_only, 0);
    if (result < 0) elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
  });
}

Datum text_of(Oid type, Datum value) {
  Oid output = InvalidOid;
  bool is_varlena = false;
  getTypeOutputInfo(type, &output, &is_varlena);
  return PointerGetDatum(cstring_to_text(OidOutputFunctionCall(output, value)));
}

Datum array_of(std::vector<Datum> &values, std::vector<char> &null_flags, Oid element) {
  int16 length = 0;
  bool by_value = false;
  char alignment = 0;
  get_typlenbyvalalign(element, &length, &by_value, &alignment);
  int dimensions[1] = {static_cast<int>(values.size())}, lower[1] = {1};
  if (values.empty()) return PointerGetDatum(construct_empty_array(element));
  auto *nulls = reinterpret_cast<bool *>(null_flags.data());
  return PointerGetDatum(construct_md_array(values.data(), nulls, 1, dimensions, lower, element, length, by_value, alignment));
}

} // namespace

// The values point into SPI's tables, which live until SPI_finish.
void ReturnedRows::take(bool changed) {
  if (changed) count_ += static_cast<std::int64_t>(SPI_processed);
  for (std::size_t i = 0; i < columns_.size(); ++i)
    for (uint64 row = 0; row < SPI_processed; ++row) {
      bool is_null = false;
      values_[i].values.push_back(
          pg::call([&] { return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, static_cast<int>(i) + 1, &is_null); }));
      values_[i].nulls.push_back(is_null);
    }
}

void ReturnedRows::append(const ReturnedRows &rows) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    values_[i].values.insert(values_[i].values.end(), rows.values_[i].values.begin(), rows.values_[i].values.end());
    values_[i].nulls.insert(values_[i].nulls.end(), rows.values_[i].nulls.begin(), rows.values_[i].nulls.end());
  }
}

Datum ReturnedRows::value(std::size_t row, std::size_t column, bool &is_null) const {
  is_null = values_.at(column).nulls.at(row) != 0;
  return values_[column].values[row];
}

// Types that have no array type are handed on as text.
Returned ReturnedRows::arrays() {
  Returned returned;
  returned.rows = count_;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const compile::ReturnedColumn &column = columns_[i];
    Values &rows = values_[i];
    returned.columns.push_back(pg::call([&] {
      if (OidIsValid(column.array)) return array_of(rows.values, rows.nulls, column.type);
      for (std::size_t row = 0; row < rows.values.size(); ++row)
        if (!rows.nulls[row]) rows.values[row] = text_of(column.type, rows.values[row]);
      return array_of(rows.values, rows.nulls, TEXTOID);
    }));
  }
  return returned;
}

std::string plan_text(PreparedStatement &statement, const validation::Variables &variables, bool analyze) {
  prepare(statement);
  Bound bound = bind(*statement.statement, variables, {});
  std::vector<Oid> types = types_of(*statement.statement);
  const std::string sql = std::string("EXPLAIN (FORMAT JSON") + (analyze ? ", ANALYZE, BUFFERS" : "") + ") " + statement.statement->sql;
  const char *text = pg::call([&] {
    const int result =
        SPI_execute_with_args(sql.c_str(), static_cast<int>(types.size()), types.data(), bound.values.data(), bound.nulls.data(), false, 0);
    if (result < 0 || SPI_processed != 1) elog(ERROR, "EXPLAIN failed: %s", SPI_result_code_string(result));
    return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
  });
  std::string plan = text;
  pg::call([] { SPI_freetuptable(SPI_tuptable); });
  return plan;
}

std::vector<std::string> run_for_json(PreparedStatement &statement, const validation::Variables &variables, const Before &before,
                                      bool read_only) {
  execute(statement, variables, before, read_only);
  std::vector<std::string> columns;
  const int count = SPI_tuptable && SPI_processed == 1 ? SPI_tuptable->tupdesc->natts : 0;
  for (int i = 1; i <= count; ++i) {
    const char *text = pg::call([i] { return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i); });
    columns.emplace_back(text ? text : "null");
  }
  pg::call([] { SPI_freetuptable(SPI_tuptable); });
  return columns;
}

void run_change(PreparedStatement &statement, const validation::Variables &variables, ReturnedRows &returned, const Before &before) {
  if (statement.statement->sql.empty()) return;
  execute(statement, variables, before, false);
  returned.take(true);
}

void find_existing(PreparedStatement &statement, const validation::Variables &variables, ReturnedRows &returned, const Before &before) {
  if (statement.statement->sql.empty()) return;
  execute(statement, variables, before, false);
  returned.take(false);
}

} // namespace gqlsvl::graphql::execute
