// How the rows of a relationship are reached: by a join, by a join with groups, or by a sub-select for each row.
//
// left join: an object whose key is unique. It adds no row and takes none away, and the planner is free to hash, merge or look up.
// grouped join: a list or aggregate of all parents there are. One pass over the other table, grouped by key; for few parents it would
//   aggregate rows that nobody asked for.
// sub-select: everything else, and all of a subscription (Context::live). Run once for each row, so a limit holds for each parent.
// Always: the answer is the same whichever is chosen. Where rows are limited, joins come after the limit.
#include "graphql/compile/compiler.h"

#include <algorithm>

namespace gqlsvl::graphql::compile {

namespace {

constexpr char live_rows[] = "a subscription is asked again only for rows that it looked up by a key";

bool within(const std::vector<std::int16_t> &key, const schema::Relationship &relationship) {
  return std::all_of(key.begin(), key.end(), [&](std::int16_t number) {
    return std::any_of(relationship.columns.begin(), relationship.columns.end(), [=](const auto &pair) { return pair.second == number; });
  });
}

// A foreign key says that its target is unique, even where a bare index keeps it so.
bool is_referenced_key(const schema::Relationship &relationship) {
  const auto &keys = relationship.from->foreign_keys;
  return std::any_of(keys.begin(), keys.end(), [&](const catalog::ForeignKey &key) {
    return key.referenced_table == relationship.to->oid && within(key.referenced_columns, relationship);
  });
}

// Rows of different parents fall into different groups, those of one parent into one, and each group has a parent that is shown.
bool groups_by_key(const schema::Relationship &relationship) {
  return !relationship.by_owner && !relationship.function &&
         std::all_of(relationship.columns.begin(), relationship.columns.end(), [&](const auto &pair) {
           const catalog::Column &ours = *relationship.from->column(pair.first), &theirs = *relationship.to->column(pair.second);
           return ours.type == theirs.type && ours.deterministic && theirs.deterministic;
         });
}

std::string order_clause(const std::vector<OrderKey> &keys) {
  std::string sql;
  for (const OrderKey &key : keys) sql += (sql.empty() ? " ORDER BY " : ", ") + key.sql + key.direction;
  return sql;
}

} // namespace

bool keys_hold(const catalog::Table &table) {
  return (table.kind == catalog::TableKind::Table || table.kind == catalog::TableKind::Partitioned) && !table.has_children;
}

bool is_single(const schema::Relationship &relationship) {
  const catalog::Table &to = *relationship.to;
  return !relationship.function && keys_hold(to) &&
         (is_referenced_key(relationship) || std::any_of(to.keys.begin(), to.keys.end(), [&](const catalog::Key &key) {
            return !key.deferrable && within(key.columns, relationship);
          }));
}

// Without limit, offset and distinct_on.
bool Compiler::takes_all(const validation::ResponseField &selected) const {
  for (const char *name : {"limit", "offset", "distinct_on"})
    if (const auto given = argument(selected, name); given && !given->is_null()) return false;
  return true;
}

bool Compiler::takes_whole_table(const schema::Field &field, const validation::ResponseField &selected) const {
  const auto where = argument(selected, "where");
  return takes_all(selected) && (!where || where->is_null()) && !field.function && !field.table->row_security &&
         most_rows(*field.table) < 0;
}

bool Compiler::joins_object(const schema::Relationship &relationship, const Source &source, const std::string &path) {
  const char *hindrance = context_.live                       ? live_rows
                          : !source.joins                     ? "a join could change the order of the rows that the mutation returns"
                          : !is_single(relationship)          ? "no key of the other table says that there is one row at most"
                          : source.joins->count >= most_joins ? "seven tables are joined already"
                                                              : nullptr;
  shapes_.push_back({path, hindrance ? "sub-select" : "left join", hindrance ? hindrance : "at most one row, by a key of the other table"});
  return !hindrance;
}

bool Compiler::joins_groups(const schema::Field &field, const validation::ResponseField &selected, const Source *parent,
                            const std::string &path) {
  if (!parent) return false;
  const char *hindrance = context_.live                         ? live_rows
                          : !parent->joins || !parent->whole    ? "of some parents only: the others' rows would be read for nothing"
                          : !takes_all(selected)                ? "limits and distinct_on hold for each parent"
                          : !groups_by_key(*field.relationship) ? "no foreign key of one type on both sides"
                          : parent->joins->count >= most_joins  ? "seven tables are joined already"
                                                                : nullptr;
  shapes_.push_back({path, hindrance ? "sub-select" : "grouped join", hindrance ? hindrance : "of all parents: grouped in one pass"});
  return !hindrance;
}

// SELECT `what` FROM `from`, rows of `table`, with its joins. After a limit or DISTINCT ON only the rows that are left are joined, unless
// a function takes the row as a whole.
std::string Compiler::select(const std::string &what, const catalog::Table &table, const std::string &from, const std::string &alias,
                             const Joins &joins, const TableArguments &arguments) {
  const std::string source = " FROM " + from + " AS " + alias;
  const std::string rows = arguments.joins.sql + arguments.where + order_clause(arguments.keys) + arguments.limit;
  if (joins.sql.empty() || (arguments.distinct.empty() && arguments.limit.empty()) || used_whole_.count(alias))
    return "SELECT " + arguments.distinct + what + source + joins.sql + rows;
  std::string columns, name = "order_";
  while (std::any_of(table.columns.begin(), table.columns.end(), [&](const auto &c) { return c.name.starts_with(name); })) name += '_';
  for (const auto &[number, c] : used_[alias]) columns += (columns.empty() ? "" : ", ") + alias + "." + quote_name(c->name);
  std::vector<OrderKey> keys = arguments.keys;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].is_column) continue;
    const std::string key = quote_name(name + std::to_string(i + 1));
    columns += ", " + keys[i].sql + " AS " + key;
    keys[i].sql = alias + "." + key;
  }
  return "SELECT " + what + " FROM (SELECT " + arguments.distinct + columns + source + rows + ") AS " + alias + joins.sql +
         order_clause(keys);
}

Compiler::Grouping Compiler::grouping(const schema::Relationship &relationship, const std::string &alias) {
  Grouping grouping;
  for (const auto &[ours, theirs] : relationship.columns) {
    const catalog::Column &key = *relationship.to->column(theirs);
    const std::string sql = column(alias, key);
    grouping.keys.push_back({sql, "", true});
    grouping.columns += sql + " AS k" + std::to_string(grouping.keys.size()) + ", ";
    if (!key.not_null) grouping.condition += (grouping.condition.empty() ? "" : " AND ") + sql + " IS NOT NULL";
  }
  return grouping;
}

std::string group_names(const schema::Relationship &relationship, const std::string &alias) {
  std::string names;
  for (std::size_t i = 1; i <= relationship.columns.size(); ++i) names += (i > 1 ? ", " : "") + alias + ".k" + std::to_string(i);
  return names;
}

// Joins `groups`, whose columns k1, k2 ... are the keys, to the parents; returns their alias.
std::string Compiler::join_groups(const schema::Relationship &relationship, const Source &parent, const std::string &groups) {
  const std::string alias = new_alias();
  std::string condition;
  std::size_t number = 0;
  for (const auto &[left, right] : relationship.columns) {
    const catalog::Column &ours = *relationship.from->column(left);
    condition += (condition.empty() ? "" : " AND ") + alias + ".k" + std::to_string(++number) + " " + ours.type->eq + " " +
                 column(parent.alias, ours);
  }
  ++parent.joins->count;
  parent.joins->sql += " LEFT JOIN (" + groups + ") AS " + alias + " ON " + condition;
  return alias;
}

} // namespace gqlsvl::graphql::compile
