#include "events/owner_sql.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/guc.h"
}

namespace gqlsvl::events {

using pg::call;

ScopedSettings::ScopedSettings() : level_(call([] { return NewGUCNestLevel(); })) {}
ScopedSettings::~ScopedSettings() { AtEOXact_GUC(true, level_); }

void ScopedSettings::set(const char *name, const char *value) {
  call([=] { set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false); });
}

Values &Values::add(Oid type, Datum value, bool is_null) {
  types_.push_back(type);
  values_.push_back(value);
  nulls_.push_back(is_null ? 'n' : ' ');
  return *this;
}

Values &Values::add(const std::string &text) {
  const char *value = text.c_str();
  return add(TEXTOID, call([value] { return CStringGetTextDatum(value); }));
}

Values &Values::add(std::int32_t number) { return add(INT4OID, Int32GetDatum(number)); }

Values &Values::add(const std::vector<std::string> &texts) {
  std::vector<Datum> elements;
  for (const std::string &text : texts) {
    const char *value = text.c_str();
    elements.push_back(call([value] { return CStringGetTextDatum(value); }));
  }
  Datum *first = elements.data();
  int count = static_cast<int>(elements.size());
  return add(TEXTARRAYOID, call([=] { return PointerGetDatum(construct_array(first, count, TEXTOID, -1, false, TYPALIGN_INT)); }));
}

Rows::Rows(const std::string &sql, Values v) {
  const char *text = sql.c_str();
  call([&] { SPI_execute_with_args(text, static_cast<int>(v.count()), v.types_.data(), v.values_.data(), v.nulls_.data(), false, 0); });
  count_ = SPI_processed;
  table_ = SPI_tuptable;
}

bool Rows::is_null(int column, std::uint64_t row) const {
  bool null;
  SPI_getbinval(table_->vals[row], table_->tupdesc, column, &null);
  return null;
}

Datum Rows::datum(int column, std::uint64_t row) const {
  bool null;
  return SPI_getbinval(table_->vals[row], table_->tupdesc, column, &null);
}

std::string Rows::text(int column, std::uint64_t row) const {
  Datum value = datum(column, row);
  struct varlena *bytes = call([value] { return PG_DETOAST_DATUM_PACKED(value); });
  return {VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)};
}

std::string text_argument(FunctionCallInfo fcinfo, int number) {
  return call([=] { return text_to_cstring(PG_GETARG_TEXT_PP(number)); });
}

std::string quoted(const std::string &identifier) {
  const char *name = identifier.c_str();
  return call([name] { return quote_identifier(name); });
}

std::string literal(const std::string &value) {
  const char *text = value.c_str();
  return call([text] { return quote_literal_cstr(text); });
}

} // namespace gqlsvl::events
