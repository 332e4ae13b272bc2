#include "graphql/execute/documents.h"

#include "graphql/language/normal.h"
#include "graphql/language/parser.h"
#include "pg/boundary.h"
#include "pg/settings.h"
#include "pg/transaction.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace gqlsvl::graphql::execute {

namespace {

constexpr std::string_view by_hash = "sha256:";

// Columns of gqlsvl.document, and an index on each of the first three.
enum Column : AttrNumber { column_hash = 1, column_normal, column_id, column_query, column_roles };

const char *index_of(Column column) {
  switch (column) {
  case column_hash: return "document_pkey";
  case column_normal: return "document_normal";
  default: return "document_id_key";
  }
}

bool is_for_current_role(Datum roles, bool is_null) {
  if (is_null) return true;
  const char *current = GetUserNameFromId(GetUserId(), false);
  Datum *names;
  bool *nulls;
  int count;
  deconstruct_array(DatumGetArrayTypeP(roles), TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
  for (int i = 0; i < count; ++i)
    if (!nulls[i] && strcmp(TextDatumGetCString(names[i]), current) == 0) return true;
  return false;
}

// The text of the first document with this value for the current role, in the current memory context; null: none.
const char *search(Column column, const char *value) {
  const Oid schema = get_namespace_oid("gqlsvl", true);
  const Oid table = OidIsValid(schema) ? get_relname_relid("document", schema) : InvalidOid;
  const Oid index = OidIsValid(table) ? get_relname_relid(index_of(column), schema) : InvalidOid;
  if (!OidIsValid(index)) return nullptr;
  ScanKeyData key;
  ScanKeyInit(&key, column, BTEqualStrategyNumber, F_TEXTEQ, CStringGetTextDatum(value));
  Relation documents = table_open(table, AccessShareLock);
  SysScanDesc scan = systable_beginscan(documents, index, true, nullptr, 1, &key);
  const char *found = nullptr;
  while (HeapTuple tuple = found ? nullptr : systable_getnext(scan)) {
    bool is_null;
    const Datum roles = heap_getattr(tuple, column_roles, RelationGetDescr(documents), &is_null);
    if (is_for_current_role(roles, is_null))
      found = TextDatumGetCString(heap_getattr(tuple, column_query, RelationGetDescr(documents), &is_null));
  }
  systable_endscan(scan);
  table_close(documents, AccessShareLock);
  return found;
}

std::optional<std::string> query_with(Column column, const std::string &value) {
  pg::ScopedContext scratch("gqlsvl document");
  const char *found = pg::call([&] { return search(column, value.c_str()); });
  return found ? std::optional<std::string>(found) : std::nullopt;
}

} // namespace

std::string hash_of(std::string_view text) {
  std::uint8_t digest[PG_SHA256_DIGEST_LENGTH];
  const bool done = pg::call([&] {
    pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
    const bool good = pg_cryptohash_init(context) >= 0 &&
                      pg_cryptohash_update(context, reinterpret_cast<const std::uint8_t *>(text.data()), text.size()) >= 0 &&
                      pg_cryptohash_final(context, digest, sizeof digest) >= 0;
    pg_cryptohash_free(context);
    return good;
  });
  if (!done) throw Error(sqlstate::internal, "could not compute a hash");
  std::string out;
  for (std::uint8_t byte : digest)
    for (int half : {byte >> 4, byte & 15}) out += "0123456789abcdef"[half];
  return out;
}

std::optional<std::string> normal_form(std::string_view query, GraphQLError &error) {
  language::ParseLimits limits;
  limits.max_depth = pg::settings().max_depth;
  const std::optional<language::Document> document = language::parse(query, error, limits);
  return document ? std::optional<std::string>(language::normal_text(*document)) : std::nullopt;
}

std::optional<std::string> find_document(std::string_view reference) {
  if (reference.starts_with(by_hash)) return query_with(column_hash, std::string(reference.substr(by_hash.size())));
  return query_with(column_id, std::string(reference));
}

bool is_listed(std::string_view query) {
  if (query_with(column_hash, hash_of(query))) return true;
  GraphQLError error;
  const std::optional<std::string> normal = normal_form(query, error);
  return normal && query_with(column_normal, hash_of(*normal));
}

} // namespace gqlsvl::graphql::execute
