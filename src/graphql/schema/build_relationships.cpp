// Relationships from foreign keys, and their names.
//
// Object side: the column less _id or Id, else the referenced table. Array side: the referencing table; with several keys between the same
// two tables always <table>_by_<columns>. A unique key gives an object on both sides. A column wins a clash; the relationship gets
// _by_<columns>. A relationship exists where the role may read the columns it joins on. Columns he may not read take part in the choice of
// names: a relationship has the same name for all who see both tables.
#include "graphql/schema/builder.h"

#include <algorithm>
#include <map>

namespace gqlsvl::graphql::schema {

namespace {

bool reads(const TableEntry &entry, const std::vector<std::int16_t> &numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [&](std::int16_t number) {
    const catalog::Column *column = entry.table->column(number);
    return column && column->can_select;
  });
}

bool is_unique(const catalog::Table &table, const std::vector<std::int16_t> &columns) {
  std::vector<std::int16_t> wanted = columns;
  std::sort(wanted.begin(), wanted.end());
  return std::any_of(table.keys.begin(), table.keys.end(), [&](const catalog::Key &key) {
    std::vector<std::int16_t> have = key.columns;
    std::sort(have.begin(), have.end());
    return have == wanted;
  });
}

bool any_nullable(const catalog::Table &table, const std::vector<std::int16_t> &columns) {
  return std::any_of(columns.begin(), columns.end(), [&](std::int16_t number) { return !table.column(number)->not_null; });
}

std::string by_columns(const catalog::Table &table, const catalog::ForeignKey &key) {
  std::string text = "_by";
  for (std::int16_t number : key.columns) text += "_" + table.column(number)->name;
  return text;
}

std::string object_name(const catalog::Table &from, const catalog::Table &to, const catalog::ForeignKey &key) {
  if (key.columns.size() != 1) return to.name;
  const std::string &column = from.column(key.columns[0])->name;
  for (const char *suffix : {"_id", "Id"}) {
    const std::size_t length = std::char_traits<char>::length(suffix);
    if (column.size() > length && column.compare(column.size() - length, length, suffix) == 0)
      return column.substr(0, column.size() - length);
  }
  return to.name;
}

// The first of the two names that is free, now taken; empty when neither is.
std::string take_name(TableEntry &entry, const std::string &wanted, const std::string &suffix, bool array) {
  for (const std::string &name : {wanted, wanted + suffix}) {
    if (!is_valid_name(name) || entry.taken.count(name) || (array && entry.taken.count(name + "_aggregate"))) continue;
    entry.taken.insert(name);
    if (array) entry.taken.insert(name + "_aggregate");
    return name;
  }
  return {};
}

} // namespace

void Builder::find_relationships() {
  struct Edge {
    TableEntry *from, *to;
    const catalog::ForeignKey *key;
    bool readable;
  };
  std::vector<Edge> edges;
  std::map<std::pair<const TableEntry *, const TableEntry *>, int> between;
  for (TableEntry &entry : tables_)
    for (const catalog::ForeignKey &key : entry.table->foreign_keys) {
      TableEntry *to = entry_of(key.referenced_table);
      if (!to) continue;
      edges.push_back({&entry, to, &key, reads(entry, key.columns) && reads(*to, key.referenced_columns)});
      ++between[{&entry, to}];
    }
  auto add = [&](TableEntry &entry, Relationship relationship, bool readable) {
    if (relationship.name.empty() || !readable) return;
    schema_->relationships.push_back(std::make_unique<Relationship>(std::move(relationship)));
    entry.relationships.push_back(schema_->relationships.back().get());
  };
  for (const Edge &edge : edges) {
    const catalog::Table &from = *edge.from->table, &to = *edge.to->table;
    Relationship object;
    object.name = take_name(*edge.from, object_name(from, to, *edge.key), by_columns(from, *edge.key), false);
    object.from = &from;
    object.to = &to;
    object.nullable = any_nullable(from, edge.key->columns);
    for (std::size_t i = 0; i < edge.key->columns.size(); ++i)
      object.columns.emplace_back(edge.key->columns[i], edge.key->referenced_columns[i]);
    add(*edge.from, std::move(object), edge.readable);
  }
  for (const Edge &edge : edges) {
    const catalog::Table &from = *edge.to->table, &to = *edge.from->table;
    const bool several = between[{edge.from, edge.to}] > 1;
    const std::string suffix = by_columns(to, *edge.key);
    Relationship back;
    back.array = !is_unique(to, edge.key->columns);
    back.name = take_name(*edge.to, several ? to.name + suffix : to.name, suffix, back.array);
    back.from = &from;
    back.to = &to;
    for (std::size_t i = 0; i < edge.key->columns.size(); ++i)
      back.columns.emplace_back(edge.key->referenced_columns[i], edge.key->columns[i]);
    add(*edge.to, std::move(back), edge.readable);
  }
}

} // namespace gqlsvl::graphql::schema
