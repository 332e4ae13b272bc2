#include "graphql/execute/statement.h"

extern "C" {
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
}

namespace gqlsvl::graphql::execute {

namespace {

void prepare(PreparedStatement &prepared) {
  if (prepared.plan) return;
  std::vector<Oid> types;
  for (const compile::Parameter &parameter : prepared.statement->parameters) types.push_back(parameter.type);
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

Bound bind(const compile::Statement &statement, const validation::Variables &variables, const Returned *returned) {
  Bound bound;
  for (const compile::Parameter &parameter : statement.parameters) {
    Datum value = 0;
    bool is_null = false;
    if (parameter.source == compile::ParameterSource::AffectedRows) {
      value = Int64GetDatum(returned->rows);
    } else if (parameter.source == compile::ParameterSource::ReturnedColumn) {
      value = returned->columns[parameter.column];
    } else {
      const std::optional<std::string> text = compile::parameter_text(parameter, variables);
      is_null = !text;
      const char *characters = text ? text->c_str() : nullptr;
      // Called for NULL too: a domain may refuse it.
      value = pg::call([&] { return input_value(parameter.type, characters); });
    }
    bound.values.push_back(value);
    bound.nulls.push_back(is_null ? 'n' : ' ');
  }
  return bound;
}

void execute(PreparedStatement &prepared, const validation::Variables &variables, const Returned *returned, bool read_only) {
  prepare(prepared);
  Bound bound = bind(*prepared.statement, variables, returned);
  pg::call([&] {
    const int result = SPI_execute_plan(prepared.plan, bound.values.data(), bound.nulls.data(), read_only, 0);
    if (result < 0) elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
  });
}

// As text for types that have no array type.
Oid element_of(const compile::ReturnedColumn &column) { return OidIsValid(column.array) ? column.type : TEXTOID; }

Datum array_of(ReturnedRows::Values &column, Oid element) {
  int16 length = 0;
  bool by_value = false;
  char alignment = 0;
  get_typlenbyvalalign(element, &length, &by_value, &alignment);
  int dimensions[1] = {static_cast<int>(column.values.size())}, lower[1] = {1};
  if (column.values.empty()) return PointerGetDatum(construct_empty_array(element));
  auto *nulls = reinterpret_cast<bool *>(column.nulls.data());
  return PointerGetDatum(construct_md_array(column.values.data(), nulls, 1, dimensions, lower, element, length, by_value, alignment));
}

} // namespace

// The values point into SPI's tables, which live until SPI_finish.
void ReturnedRows::take() {
  count_ += static_cast<std::int64_t>(SPI_processed);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const compile::ReturnedColumn &column = columns_[i];
    Values &into = values_[i];
    for (uint64 row = 0; row < SPI_processed; ++row) {
      bool is_null = false;
      into.values.push_back(pg::call([&] {
        Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, static_cast<int>(i) + 1, &is_null);
        if (is_null || OidIsValid(column.array)) return value;
        Oid output = InvalidOid;
        bool is_varlena = false;
        getTypeOutputInfo(column.type, &output, &is_varlena);
        return PointerGetDatum(cstring_to_text(OidOutputFunctionCall(output, value)));
      }));
      into.nulls.push_back(is_null);
    }
  }
}

Returned ReturnedRows::arrays() {
  Returned returned;
  returned.rows = count_;
  for (std::size_t i = 0; i < columns_.size(); ++i)
    returned.columns.push_back(pg::call([&] { return array_of(values_[i], element_of(columns_[i])); }));
  return returned;
}

std::vector<std::string> run_for_json(PreparedStatement &statement, const validation::Variables &variables, const Returned *returned,
                                      bool read_only) {
  execute(statement, variables, returned, read_only);
  std::vector<std::string> columns;
  const int count = SPI_tuptable && SPI_processed == 1 ? SPI_tuptable->tupdesc->natts : 0;
  for (int i = 1; i <= count; ++i) {
    const char *text = pg::call([i] { return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i); });
    columns.emplace_back(text ? text : "null");
  }
  pg::call([] { SPI_freetuptable(SPI_tuptable); });
  return columns;
}

void run_change(PreparedStatement &statement, const validation::Variables &variables, ReturnedRows &returned) {
  if (statement.statement->sql.empty()) return;
  execute(statement, variables, nullptr, false);
  returned.take();
}

} // namespace gqlsvl::graphql::execute
