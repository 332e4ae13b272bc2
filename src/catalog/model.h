// What the catalogs say of the exposed schemas, for one role: plain structs, no Postgres.
//
// In:  filled by catalog/load.cpp (and by hand in unit tests). Out: read by graphql/schema and graphql/compile.
// Always: only tables of gqlsvl.schemas on which the role has some right; left out are members of extensions, and partitions, which are
// where their partitioned table keeps its rows and not tables of the API. Pointers stay valid as long as the Model lives.
#pragma once
#include "base/no_postgres.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gqlsvl::catalog {

using Oid = std::uint32_t;

enum class TypeKind { Base, Array, Enum, Composite, Domain, Range };

struct Type {
  Oid oid = 0;
  std::string schema, name; // pg_type.typname; for an array: of the array type ("_int4")
  TypeKind kind = TypeKind::Base;
  Oid element = 0;                      // Array: element type
  Oid base = 0;                         // Domain: base type
  std::vector<std::string> enum_labels; // Enum, in their order
  Oid array = 0;                        // its array type; 0 when there is none
  // Qualified operators of the type's default btree operator class, by OID: "" when there is none. As SQL: OPERATOR(pg_catalog.=)
  std::string eq, ne, lt, le, gt, ge;
  bool operator==(const Type &) const = default;
};

// A table whose rows are the values of an enum: gqlsvl.set_enum_table.
struct EnumTable {
  Oid oid = 0;
  std::string schema, name, renamed;                       // renamed: in the API, or ""
  std::int16_t key = 0;                                    // attnum of the column that holds the values
  std::vector<std::pair<std::string, std::string>> values; // with their comments, in order; not all need to be names of GraphQL
  bool operator==(const EnumTable &) const = default;
};

struct Column {
  std::int16_t attnum = 0;
  std::string name;
  std::string renamed; // its name in the API, when an override gives another one
  const Type *type = nullptr;
  const EnumTable *enum_table = nullptr; // by a foreign key of this column alone
  std::int32_t typmod = -1;
  bool deterministic = true; // its collation, if it has one: values that are equal here are equal everywhere
  bool not_null = false, has_default = false;
  bool generated_always = false; // GENERATED ALWAYS AS (...) or AS IDENTITY: not in inputs
  std::string comment;
  bool can_select = false, can_insert = false, can_update = false; // by column or table grants
  const std::string &field() const { return renamed.empty() ? name : renamed; }
};

enum class TableKind { Table, Partitioned, View, MaterializedView, Foreign };

struct Key { // primary key or unique constraint
  std::string name;
  bool primary = false;
  bool deferrable = false; // may be broken for a while
  std::vector<std::int16_t> columns;
  bool operator==(const Key &) const = default;
};

struct ForeignKey {
  std::string name;
  std::vector<std::int16_t> columns;
  Oid referenced_table = 0;
  std::vector<std::int16_t> referenced_columns;
  bool operator==(const ForeignKey &) const = default;
};

// A relationship that an owner added, or (type "none") hid. Columns by name, in pairs; they may have gone since.
struct RelationshipOverride {
  std::string name, type; // object | array | none
  Oid remote_table = 0;
  std::vector<std::string> columns, remote_columns;
  bool operator==(const RelationshipOverride &) const = default;
};

// What gqlsvl.override says of one table.
struct Overrides {
  std::string name;                                          // of the table in the API; "": automatic
  bool is_enum = false;                                      // its rows are the values of an enum
  std::map<std::string, std::string> fields;                 // column -> name
  std::map<std::string, std::string> root_fields;            // select, insert_one ... -> name
  std::map<std::string, RelationshipOverride> relationships; // by name
  bool operator==(const Overrides &) const = default;
};

// What of a table the role may not use although its rights would let it: gqlsvl.set_table_option.
struct TableOptions {
  std::optional<int> max_rows; // of one list
  bool allow_aggregations = true;
  std::optional<std::set<std::string>> query_root_fields, subscription_root_fields; // select, select_by_pk ...; nothing: all
  bool backend_only = false;                                                        // no mutations but for Audience::backend
  bool operator==(const TableOptions &) const = default;
};

struct Table {
  Oid oid = 0;
  std::string schema, name, comment;
  TableKind kind = TableKind::Table;
  std::vector<Column> columns; // by attnum; dropped ones left out
  std::vector<Key> keys;
  std::vector<ForeignKey> foreign_keys;
  Overrides overrides;
  TableOptions options;
  bool row_security = false;                                       // enabled
  bool has_children = false;                                       // by inheritance: no key holds for their rows
  bool can_select = false;                                         // some column
  bool can_insert = false, can_update = false, can_delete = false; // right, (views) possible, and not kept for the back end
  const Column *column(std::int16_t attnum) const {
    for (const Column &c : columns)
      if (c.attnum == attnum) return &c;
    return nullptr;
  }
  const Column *column(const std::string &column_name) const {
    for (const Column &c : columns)
      if (c.name == column_name) return &c;
    return nullptr;
  }
  const Key *primary_key() const {
    for (const Key &k : keys)
      if (k.primary) return &k;
    return nullptr;
  }
};

struct FunctionArgument {
  std::string name; // "": it has none
  const Type *type = nullptr;
  bool has_default = false;
};

enum class FunctionUse { Query, Mutation, ComputedField };

// A function that an owner made a field (gqlsvl.function_field) and that the role may execute.
struct Function {
  Oid oid = 0;
  std::string schema, name, comment; // of the function
  std::string field;                 // the name that the owner gave the field; "": automatic
  FunctionUse use = FunctionUse::Query;
  Oid table = 0;   // ComputedField: the table that it is a field of
  Oid rows_of = 0; // the table whose rows it returns; 0: a scalar
  const Type *scalar = nullptr;
  bool returns_set = false, is_volatile = false;
  std::vector<FunctionArgument> arguments; // all of them, in order
  int table_argument = -1;                 // ComputedField: which one takes the row
  int session_argument = -1;               // which one takes the session variables; -1: none
  bool takes(std::size_t argument) const { // from the client
    return static_cast<int>(argument) != table_argument && static_cast<int>(argument) != session_argument;
  }
  bool takes_any() const {
    for (std::size_t i = 0; i < arguments.size(); ++i)
      if (takes(i)) return true;
    return false;
  }
};

// Whose rights, and which schemas, a Model was read with. Equal: as far as these go, the same tables and rights would be read again.
struct Audience {
  Oid role = 0;
  std::string role_name;
  std::vector<std::uint64_t> memberships;           // the roles whose grants it has, with what they pass on; see audience.cpp
  std::vector<std::pair<Oid, std::string>> schemas; // of gqlsvl.schemas, those it may use
  bool backend = false;                             // gqlsvl.use_backend_only_permissions
  bool operator==(const Audience &) const = default;
};

struct Model {
  Audience audience;
  Oid override_table = 0;             // gqlsvl.override
  std::map<Oid, Overrides> overrides; // by table, also of tables that are not in `tables`
  std::map<Oid, EnumTable> enum_tables;
  Oid option_table = 0;                // gqlsvl.table_option
  std::map<Oid, TableOptions> options; // by table, of this role
  std::map<Oid, std::unique_ptr<Type>> types;
  std::vector<std::unique_ptr<Table>> tables; // by (schema, name)
  Oid function_table = 0;                     // gqlsvl.function_field
  std::vector<Function> functions;            // by (schema, name, oid)
  const Table *table(Oid oid) const {
    for (const auto &t : tables)
      if (t->oid == oid) return t.get();
    return nullptr;
  }
};

} // namespace gqlsvl::catalog
