#include "events/definition.h"

#include "events/secret.h"
#include "outbound/destination.h"

#include <algorithm>
#include <cmath>

#include "pg/json_function.h"
#include "pg/settings.h"

extern "C" {
#include "access/relation.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
}

namespace gqlsvl::events {

using pg::call;

const char *name_of(Option option) {
  static constexpr const char *names[] = {
      "name",       "table_name",     "webhook",     "operations",       "columns",         "payload_columns",
      "condition",  "headers",        "num_retries", "retry_interval",   "backoff",         "max_interval",
      "give_up_on", "timeout",        "ordering",    "ordering_columns", "max_in_flight",   "rate_limit",
      "max_age",    "signing_secret", "transform",   "invocation_type",  "fire_on_replica", "replace"};
  return names[static_cast<int>(option)];
}

Arguments::Arguments(FunctionCallInfo fcinfo) {
  std::copy_n(fcinfo->args, std::min<int>(count, fcinfo->nargs), values_);
  set_transform(values_[static_cast<int>(Option::Transform)]);
}

Arguments::Arguments() {
  for (NullableDatum &value : values_) value = {0, true};
  set(Option::FireOnReplica, {BoolGetDatum(false), false});
  set(Option::MaxInFlight, {Int32GetDatum(20), false});
  set(Option::InvocationType, {call([] { return CStringGetTextDatum("RequestResponse"); }), false});
}

void Arguments::set_transform(NullableDatum given) {
  set(Option::Transform, {0, true});
  if (given.isnull) return;
  Oid function = DatumGetObjectId(given.value);
  std::string signature = OidIsValid(function) ? pg::signature_of(function) : std::string();
  const char *text = signature.c_str();
  set(Option::Transform, {call([text] { return CStringGetTextDatum(text); }), false});
}

std::string Arguments::string(Option option) const {
  Datum value = datum(option);
  return call([value] { return TextDatumGetCString(value); });
}

std::vector<std::string> Arguments::strings(Option option) const {
  std::vector<std::string> out;
  if (is_null(option)) return out;
  Datum value = datum(option), *elements;
  bool *nulls;
  int count;
  call([&] { deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count); });
  for (int i = 0; i < count; i++) {
    if (nulls[i])
      throw Error(sqlstate::invalid_parameter, std::string("option \"") + name_of(option) + "\" holds NULL",
                  "Element " + std::to_string(i + 1) + " of the array is NULL.", "List names only.");
    Datum element = elements[i];
    out.push_back(call([element] { return TextDatumGetCString(element); }));
  }
  return out;
}

namespace {

[[noreturn]] void refuse(const std::string &message, const std::string &detail = {}, const std::string &hint = {}) {
  throw Error(sqlstate::invalid_parameter, message, detail, hint);
}

void check_give_up_on(const Arguments &a) {
  if (a.is_null(Option::GiveUpOn)) return;
  Datum *elements = nullptr;
  bool *nulls = nullptr;
  int count = 0;
  call([&] {
    deconstruct_array(DatumGetArrayTypeP(a.datum(Option::GiveUpOn)), INT4OID, sizeof(int32), true, TYPALIGN_INT, &elements, &nulls, &count);
  });
  for (int i = 0; i < count; i++) {
    const int status = nulls[i] ? 0 : DatumGetInt32(elements[i]);
    if (status < 100 || status > 599 || (status >= 200 && status <= 299))
      refuse("option \"give_up_on\" holds " + (nulls[i] ? "NULL" : std::to_string(status)) + ", which is no HTTP status of a failure", {},
             "Give numbers from 100 to 599 without 200 to 299, such as '{400,404}'.");
  }
}

void require_values(const Arguments &a) {
  using enum Option;
  for (Option option : {Name, Table, Webhook})
    if (a.is_null(option))
      refuse(std::string("option \"") + name_of(option) + "\" must not be NULL", "It has no default.", "Give it a value.");
  for (Option option :
       {Operations, Headers, NumRetries, RetryInterval, Backoff, MaxInterval, Timeout, MaxInFlight, InvocationType, FireOnReplica, Replace})
    if (a.is_null(option)) refuse(std::string("option \"") + name_of(option) + "\" must not be NULL", {}, "Leave it out for its default.");
}

// Relation's names, kind and columns, then what cannot have a capture trigger.
struct Table {
  std::string schema, name;
  std::vector<std::string> columns;
  bool has_key = false;
};

Table load_table(Oid oid) {
  Table table;
  Relation relation = call([oid] { return try_relation_open(oid, AccessShareLock); });
  if (!relation)
    throw Error(sqlstate::undefined_table, "table with number " + std::to_string(oid) + " does not exist", {}, "Give the name of a table.");
  char kind = relation->rd_rel->relkind, persistence = relation->rd_rel->relpersistence;
  table.name = RelationGetRelationName(relation);
  if (const char *schema = call([&] { return get_namespace_name(RelationGetNamespace(relation)); })) table.schema = schema;
  for (int i = 0; i < relation->rd_att->natts; i++)
    if (!TupleDescAttr(relation->rd_att, i)->attisdropped) table.columns.push_back(NameStr(TupleDescAttr(relation->rd_att, i)->attname));
  call([&] {
    if (kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE) RelationGetIndexList(relation);
  });
  table.has_key = OidIsValid(relation->rd_pkindex);
  bool has_children = kind == RELKIND_RELATION && call([&] { return find_inheritance_children(oid, NoLock) != NIL; });
  call([&] { relation_close(relation, NoLock); });

  std::string shown = (persistence == RELPERSISTENCE_TEMP ? "\"pg_temp" : "\"" + table.schema) + "\".\"" + table.name + "\"";
  if (kind == RELKIND_VIEW || kind == RELKIND_MATVIEW)
    throw Error(sqlstate::wrong_object_type, shown + " is a view, which cannot have an event trigger", "Views have no row triggers.",
                "Create the trigger on the tables below the view.");
  if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
    throw Error(sqlstate::wrong_object_type, shown + " cannot have an event trigger", "It is neither an ordinary nor a partitioned table.",
                "Create the trigger on a table of this database.");
  if (persistence == RELPERSISTENCE_TEMP)
    throw Error(sqlstate::wrong_object_type, shown + " is a temporary table, which cannot have an event trigger",
                "The table would be gone before its events are delivered.", "Use an ordinary table.");
  if (table.schema == "gqlsvl" || table.schema == "pg_catalog")
    throw Error(sqlstate::wrong_object_type, shown + " belongs to the system and cannot have an event trigger", {},
                "Use a table of yours.");
  if (has_children)
    throw Error(sqlstate::wrong_object_type, shown + " has child tables by inheritance, whose rows a trigger on it does not see", {},
                "Create one event trigger per child table, or use declarative partitioning.");
  return table;
}

void check_columns(const std::vector<std::string> &named, const Table &table, const char *option) {
  for (auto name = named.begin(); name != named.end(); ++name) {
    if (std::find(table.columns.begin(), table.columns.end(), *name) == table.columns.end())
      throw Error("42703", "column \"" + *name + "\" of option \"" + option + "\" does not exist",
                  "Table \"" + table.schema + "\".\"" + table.name + "\" has no such column.",
                  "Check the spelling; names are case-sensitive.");
    if (std::find(named.begin(), name, *name) != name)
      throw Error("42701", "column \"" + *name + "\" is listed twice in option \"" + option + '"', {}, "List each column once.");
  }
}

std::vector<std::string> checked_operations(std::vector<std::string> given) {
  static constexpr const char *known[] = {"INSERT", "UPDATE", "DELETE", "TRUNCATE"};
  for (std::string &operation : given) {
    for (char &c : operation)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (std::none_of(std::begin(known), std::end(known), [&](const char *k) { return operation == k; }))
      refuse("unknown operation \"" + operation + "\" in option \"operations\"", {}, "Accepted: INSERT, UPDATE, DELETE, TRUNCATE.");
  }
  std::vector<std::string> out;
  for (const char *k : known) {
    auto times = std::count(given.begin(), given.end(), k);
    if (times > 1) refuse(std::string("operation ") + k + " is listed twice in option \"operations\"", {}, "List each operation once.");
    if (times == 1) out.emplace_back(k);
  }
  if (out.empty()) refuse("option \"operations\" is empty", {}, "List at least one of INSERT, UPDATE, DELETE, TRUNCATE.");
  return out;
}

[[noreturn]] void refuse_range(Option option, const std::string &value, const std::string &accepted) {
  refuse(std::string("option \"") + name_of(option) + "\" is out of range", "It is " + value + '.', "Accepted: " + accepted + '.');
}

void check_numbers(const Arguments &a) {
  auto number = [](double value) { return call([value] { return float8out_internal(value); }); };
  auto whole = [&](Option option, int least, int most) {
    int value = DatumGetInt32(a.datum(option));
    if (value < least || value > most) refuse_range(option, std::to_string(value), std::to_string(least) + " to " + std::to_string(most));
  };
  auto span = [&](Option option, double least, double most, const char *accepted) {
    double value = seconds_of(a.datum(option));
    if (!(value >= least && value <= most))
      refuse_range(option, call([&] { return DatumGetCString(DirectFunctionCall1(interval_out, a.datum(option))); }), accepted);
  };
  whole(Option::NumRetries, 0, 1000);
  whole(Option::MaxInFlight, 1, 1000);
  span(Option::RetryInterval, 0, 30 * 86400, "0 to 30 days");
  span(Option::MaxInterval, 0, 30 * 86400, "0 to 30 days");
  span(Option::Timeout, 0.001, 900, "1 ms to 15 minutes");
  if (double backoff = DatumGetFloat8(a.datum(Option::Backoff)); !(backoff >= 1 && backoff <= 100))
    refuse_range(Option::Backoff, number(backoff), "1 to 100");
  if (!a.is_null(Option::MaxAge)) span(Option::MaxAge, 0.001, 3650 * 86400.0, "1 ms to 3650 days");
  if (a.is_null(Option::RateLimit)) return;
  if (double rate = DatumGetFloat8(a.datum(Option::RateLimit)); !(rate > 0 && std::isfinite(rate)))
    refuse_range(Option::RateLimit, number(rate), "any number of requests per second above 0");
}

// Everything that the webhook and the headers name must be there, and be the owner's to use.
void check_destination(const Arguments &a, Oid owner) {
  const char *headers = call([&] { return DatumGetCString(DirectFunctionCall1(jsonb_out, a.datum(Option::Headers))); });
  const pg::Settings &settings = pg::settings();
  outbound::Names names;
  names.superuser = call([owner] { return superuser_arg(owner); });
  names.secret = [owner](const std::string &name) { return own_secret(name, owner); };
  names.environment = outbound::environment_for(names.superuser, settings.env_allow);
  names.lambda_allow = settings.lambda_allow;
  std::string signing_secret = a.is_null(Option::SigningSecret) ? std::string() : a.string(Option::SigningSecret);
  if (signing_secret.empty() && !a.is_null(Option::SigningSecret))
    refuse("option \"signing_secret\" is empty", {}, "Give a secret's name.");
  outbound::Destination destination =
      outbound::destination_of(a.string(Option::Webhook), outbound::parse_headers(headers), signing_secret, names);
  bool lambda = destination.target.kind == outbound::Target::Kind::Lambda;
  std::string type = a.string(Option::InvocationType);
  if (type != "RequestResponse" && type != "Event")
    refuse("option \"invocation_type\" is \"" + type + '"', {}, "Accepted: RequestResponse, Event.");
  if (type != "RequestResponse" && !lambda)
    refuse("option \"invocation_type\" is for Lambda", "The webhook is an URL, not the name or ARN of a function.", "Leave it out.");
}

void choose_ordering(Definition &d, const Arguments &a, bool has_key) {
  bool has_columns = !a.is_null(Option::OrderingColumns), can_order = has_key || has_columns;
  if (a.is_null(Option::Ordering)) {
    d.ordering = can_order ? "row" : "none";
    d.ordering_was_chosen = !can_order;
    return;
  }
  d.ordering = a.string(Option::Ordering);
  if (d.ordering != "row" && d.ordering != "none") refuse("option \"ordering\" is \"" + d.ordering + '"', {}, "Accepted: row, none.");
  if (d.ordering == "row" && !can_order)
    refuse("ordering \"row\" needs a primary key", "Table \"" + d.table_schema + "\".\"" + d.table_name + "\" has none.",
           "Add a primary key, name ordering_columns, or use ordering => 'none'.");
  if (d.ordering == "none" && has_columns)
    refuse("option \"ordering_columns\" contradicts ordering \"none\"", {}, "Leave one of them out.");
}

// One SQL expression and nothing else: it becomes the WHEN of a CREATE TRIGGER that the caller runs with his own rights.
void check_condition(const std::string &condition) {
  const char *text = condition.c_str();
  bool is_expression;
  try {
    is_expression = call([text] {
      List *parsed = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
      auto *select = castNode(SelectStmt, linitial_node(RawStmt, parsed)->stmt);
      return list_length(select->targetList) == 1 && !linitial_node(ResTarget, select->targetList)->name && !select->distinctClause &&
             !select->fromClause && !select->whereClause && !select->groupClause && !select->havingClause && !select->windowClause &&
             !select->sortClause && !select->limitOffset && !select->limitCount && !select->lockingClause;
    });
  } catch (const Error &error) {
    if (!error.sqlstate.starts_with("42")) throw;
    throw Error(error.sqlstate, "option \"condition\" does not parse", error.message(), "Write what CREATE TRIGGER accepts after WHEN.");
  }
  if (!is_expression)
    refuse("option \"condition\" is not one expression", "It is: " + condition, "Write what CREATE TRIGGER accepts after WHEN.");
}

} // namespace

double seconds_of(Datum interval) {
  const Interval *span = DatumGetIntervalP(interval);
  return static_cast<double>(span->time) / USECS_PER_SEC + span->day * 86400.0 + span->month * 30.0 * 86400.0;
}

void check_trigger_name(const std::string &name) {
  if (name.empty() || name.size() > 200) refuse("option \"name\" is empty or too long", {}, "Use 1 to 200 bytes.");
}

void require_event_admin(const char *function) {
  Oid caller = GetUserId(), admin = call([] { return get_role_oid("gqlsvl_event_admin", true); });
  if (!call([&] { return OidIsValid(admin) ? has_privs_of_role(caller, admin) : superuser_arg(caller); }))
    throw Error(sqlstate::insufficient_privilege, std::string("permission denied for function ") + function,
                "Only members of gqlsvl_event_admin may define what leaves the database.",
                "Ask a superuser to GRANT gqlsvl_event_admin to your role.");
}

void check_rights(Oid table, Oid owner, const char *function) {
  Oid caller = GetUserId();
  const char *name = call([table] { return get_rel_name(table); });
  if (name && !call([&] { return pg_class_ownercheck(table, caller); }))
    throw Error(sqlstate::insufficient_privilege, "must be owner of table " + std::string(name), {},
                std::string(function) + " is for the table's owner.");
  if (!name && !call([&] { return has_privs_of_role(caller, owner); }))
    throw Error(sqlstate::insufficient_privilege, "must be owner of the event trigger", "It has no table, or none any more.",
                std::string(function) + " is for the role that created the trigger.");
  require_event_admin(function);
}

void check_delivery(const Arguments &a, Oid owner) {
  check_numbers(a);
  check_give_up_on(a);
  check_destination(a, owner);
}

Definition checked(const Arguments &a) {
  require_values(a);
  Definition d;
  d.name = a.string(Option::Name);
  check_trigger_name(d.name);
  d.table = DatumGetObjectId(a.datum(Option::Table));
  Table table = load_table(d.table);
  d.owner = GetUserId();
  d.search_path = call([] { return GetConfigOption("search_path", false, false); });
  check_rights(d.table, d.owner, "gqlsvl.create_trigger");
  d.table_schema = table.schema;
  d.table_name = table.name;
  d.operations = checked_operations(a.strings(Option::Operations));
  d.columns = a.strings(Option::Columns);
  d.payload_columns = a.strings(Option::PayloadColumns);
  check_columns(d.columns, table, "columns");
  check_columns(d.payload_columns, table, "payload_columns");
  check_columns(a.strings(Option::OrderingColumns), table, "ordering_columns");
  if (!a.is_null(Option::Columns) && d.columns.empty()) refuse("option \"columns\" is empty", {}, "Leave it out to listen to all columns.");
  if (!a.is_null(Option::PayloadColumns) && d.payload_columns.empty())
    refuse("option \"payload_columns\" is empty", {}, "Leave it out to send all columns.");
  if (!a.is_null(Option::OrderingColumns) && a.strings(Option::OrderingColumns).empty())
    refuse("option \"ordering_columns\" is empty", {}, "Leave it out to order by the primary key.");
  if (!a.is_null(Option::Condition)) check_condition(d.condition = a.string(Option::Condition));
  check_delivery(a, d.owner);
  if (!a.is_null(Option::Transform)) pg::find_json_function(a.string(Option::Transform), d.owner);
  choose_ordering(d, a, table.has_key);
  d.fire_on_replica = DatumGetBool(a.datum(Option::FireOnReplica));
  d.replace = DatumGetBool(a.datum(Option::Replace));
  return d;
}

} // namespace gqlsvl::events
