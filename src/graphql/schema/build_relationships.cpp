// Relationships from foreign keys, and their names.
//
// Object side: the column less _id or Id, else the referenced table. Array side: the referencing table; with several keys between the same
// two tables always <table>_by_<columns>. A unique key gives an object on both sides. A column wins a clash; the relationship gets
// _by_<columns>. What an owner said of a relationship comes first (gqlsvl.add_relationship). A relationship exists where the role may read
// the columns it joins on. Columns he may not read take part in the choice of names: a relationship has the same name for all who see both
// tables.
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
  if (key.columns.size() != 1) return table_own_name(to);
  const std::string &column = from.column(key.columns[0])->name;
  for (const char *suffix : {"_id", "Id"}) {
    const std::size_t length = std::char_traits<char>::length(suffix);
    if (column.size() > length && column.compare(column.size() - length, length, suffix) == 0)
      return column.substr(0, column.size() - length);
  }
  return table_own_name(to);
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

using Pairs = std::vector<std::pair<std::int16_t, std::int16_t>>;

Pairs pairs_of(const std::vector<std::int16_t> &from, const std::vector<std::int16_t> &to) {
  Pairs pairs;
  for (std::size_t i = 0; i < from.size() && i < to.size(); ++i) pairs.emplace_back(from[i], to[i]);
  return pairs;
}

Pairs sorted(Pairs pairs) {
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

// The column pairs of an override; empty when a column is gone or may not be read.
Pairs pairs_of(const catalog::RelationshipOverride &wanted, const catalog::Table &from, const catalog::Table &to) {
  Pairs pairs;
  for (std::size_t i = 0; i < wanted.columns.size() && i < wanted.remote_columns.size(); ++i) {
    const catalog::Column *own = from.column(wanted.columns[i]), *other = to.column(wanted.remote_columns[i]);
    if (!own || !other || !own->can_select || !other->can_select) return {};
    pairs.emplace_back(own->attnum, other->attnum);
  }
  return pairs;
}

// A row always has its partner: all of it by one foreign key whose columns are NOT NULL.
bool is_always_there(const catalog::Table &from, const catalog::Table &to, const Pairs &pairs) {
  return std::any_of(from.foreign_keys.begin(), from.foreign_keys.end(), [&](const catalog::ForeignKey &key) {
    return key.referenced_table == to.oid && sorted(pairs_of(key.columns, key.referenced_columns)) == sorted(pairs) &&
           !any_nullable(from, key.columns);
  });
}

// By a foreign key of the other table, with these columns.
bool is_referenced(const catalog::Table &from, const catalog::Table &to, const Pairs &pairs) {
  return std::any_of(to.foreign_keys.begin(), to.foreign_keys.end(), [&](const catalog::ForeignKey &key) {
    return key.referenced_table == from.oid && sorted(pairs_of(key.referenced_columns, key.columns)) == sorted(pairs);
  });
}

bool is_hidden(const TableEntry &entry, const std::string &name) {
  auto found = entry.table->overrides.relationships.find(name);
  return found != entry.table->overrides.relationships.end() && found->second.type == "none";
}

// Whether an owner's relationship says the same as this one.
bool is_replaced(const TableEntry &entry, const Relationship &automatic) {
  return std::any_of(entry.relationships.begin(), entry.relationships.end(), [&](const Relationship *own) {
    return own->by_owner && own->to == automatic.to && own->array == automatic.array && sorted(own->columns) == sorted(automatic.columns);
  });
}

} // namespace

void Builder::add_relationship(TableEntry &entry, Relationship relationship) {
  schema_->relationships.push_back(std::make_unique<Relationship>(std::move(relationship)));
  entry.relationships.push_back(schema_->relationships.back().get());
}

void Builder::add_own_relationships(TableEntry &entry) {
  for (const auto &[name, wanted] : entry.table->overrides.relationships) {
    TableEntry *to = wanted.type == "none" ? nullptr : entry_of(wanted.remote_table);
    if (!to) continue;
    Relationship relationship;
    relationship.by_owner = true;
    relationship.array = wanted.type == "array";
    relationship.from = entry.table;
    relationship.to = to->table;
    relationship.columns = pairs_of(wanted, *entry.table, *to->table);
    if (relationship.columns.empty()) continue;
    relationship.nullable = !is_always_there(*entry.table, *to->table, relationship.columns);
    relationship.references = !relationship.array && !is_referenced(*entry.table, *to->table, relationship.columns);
    relationship.name = take_name(entry, name, "", relationship.array);
    if (!relationship.name.empty()) add_relationship(entry, std::move(relationship));
  }
}

void Builder::add_automatic(TableEntry &entry, Relationship relationship, const std::string &wanted, const std::string &suffix,
                            bool readable) {
  if (is_replaced(entry, relationship)) return;
  relationship.name = take_name(entry, wanted, suffix, relationship.array);
  if (readable && !relationship.name.empty() && !is_hidden(entry, relationship.name)) add_relationship(entry, std::move(relationship));
}

void Builder::find_relationships() {
  struct Edge {
    TableEntry *from, *to;
    const catalog::ForeignKey *key;
    bool readable;
  };
  std::vector<Edge> edges;
  std::map<std::pair<const TableEntry *, const TableEntry *>, int> between;
  for (TableEntry &entry : tables_) {
    add_own_relationships(entry);
    for (const catalog::ForeignKey &key : entry.table->foreign_keys) {
      TableEntry *to = entry_of(key.referenced_table);
      if (!to) continue;
      edges.push_back({&entry, to, &key, reads(entry, key.columns) && reads(*to, key.referenced_columns)});
      ++between[{&entry, to}];
    }
  }
  for (const Edge &edge : edges) {
    Relationship object;
    object.references = true;
    object.from = edge.from->table;
    object.to = edge.to->table;
    object.nullable = any_nullable(*object.from, edge.key->columns);
    object.columns = pairs_of(edge.key->columns, edge.key->referenced_columns);
    add_automatic(*edge.from, std::move(object), object_name(*object.from, *object.to, *edge.key), by_columns(*object.from, *edge.key),
                  edge.readable);
  }
  for (const Edge &edge : edges) {
    Relationship back;
    back.from = edge.to->table;
    back.to = edge.from->table;
    back.array = !is_unique(*back.to, edge.key->columns);
    back.columns = pairs_of(edge.key->referenced_columns, edge.key->columns);
    const std::string suffix = by_columns(*back.to, *edge.key), &name = table_own_name(*back.to);
    add_automatic(*edge.to, std::move(back), between[{edge.from, edge.to}] > 1 ? name + suffix : name, suffix, edge.readable);
  }
}

} // namespace gqlsvl::graphql::schema
