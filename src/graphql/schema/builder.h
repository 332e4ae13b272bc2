// What the build_*.cpp files share: the schema under construction and which tables and columns take part.
//
// build() decides on names and relationships of all tables, which the names of one may depend on; a table's types and root fields are made
// when a reader comes to one of them: most requests look at a few tables of many.
#pragma once
#include "graphql/schema/build.h"
#include "graphql/schema/table_names.h"

#include <map>
#include <optional>

namespace gqlsvl::graphql::schema {

// A function that is a field, with the names that are its own.
struct FunctionEntry {
  const catalog::Function *function = nullptr;
  std::string name, arguments_type;   // of the field, of the type of `args`; the latter empty: it takes none
  const Relationship *rows = nullptr; // of a computed field that is a set of rows
  bool takes_arguments() const { return !arguments_type.empty(); }
};

// One table of the API. Pointers into the model, in the order of the table's columns.
struct TableEntry {
  const catalog::Table *table = nullptr;
  std::string base; // the name all others are made from
  std::vector<const catalog::Column *> selectable, insertable, updatable;
  std::vector<const Relationship *> relationships;
  std::vector<FunctionEntry> functions;     // root fields that return its rows
  std::vector<FunctionEntry> computed;      // computed fields
  std::vector<const catalog::Column *> key; // primary key, when all its columns are selectable
  std::unordered_set<std::string> taken;    // names of all its columns, seen or not, and of its relationships
  bool made = false;                        // its types and root fields
};

// Which root fields of a table there are, by their kinds: select, select_by_pk ...; nothing: all.
using RootFieldList = std::optional<std::set<std::string>>;
bool has_queries(const TableEntry &entry, const RootFieldList &list);

class Builder final : public TypeMaker {
public:
  explicit Builder(Schema &schema); // owned by it
  void build();

  void complete(const NamedType &type) override;
  void make_type(const std::string &name) override;
  void make_root_field(const std::string &name) override;
  void make_all() override;

private:
  // build.cpp
  NamedType &add_type(NamedKind kind, const std::string &name, const std::string &description = {});
  NamedType &type_named(NamedKind kind, const std::string &name); // adds it when missing; to be filled by its own table
  TableEntry entry_for(const catalog::Table &table) const;
  void choose_tables();
  void add_roots();
  void add_shared_types();
  void sort_filled();
  void make(TableEntry &entry);
  void fill(const TableEntry &entry);
  void take_root_fields(NamedType *root, NamedType &made);
  template <typename F> void each_owner(std::string_view name, F &&visit);

  // build_scalars.cpp
  void own_scalar_names();
  bool has_scalar(const catalog::Type &type) const;
  const NamedType *scalar(const catalog::Type &type);
  const NamedType *plain_scalar(const std::string &name);
  TypeRef column_type(const catalog::Type &type);
  TypeRef column_type(const catalog::Column &column);                         // the enum, for a column that refers to an enum table
  Field column_field(const TableEntry &entry, const catalog::Column &column); // nullable, without arguments
  const NamedType *comparison(const catalog::Type &type);
  const NamedType *comparison(const catalog::Column &column);
  const NamedType *enum_of_rows(const catalog::EnumTable &table);
  void add_jsonb_operators(NamedType &jsonb_comparison, const NamedType *jsonb);
  const NamedType *order_by_enum();

  // build_relationships.cpp
  void find_relationships();
  void add_own_relationships(TableEntry &entry);
  void add_automatic(TableEntry &entry, Relationship relationship, const std::string &wanted, const std::string &suffix, bool readable);
  void add_relationship(TableEntry &entry, Relationship relationship);

  // build_functions.cpp
  void find_functions();
  void add_function(const catalog::Function &function);
  void add_computed(const catalog::Function &function);
  bool has_scalars(const catalog::Function &function) const;
  std::optional<InputValue> function_arguments(const FunctionEntry &entry);
  bool is_root_field_of_table(const std::string &name) const;
  void add_function_fields(const TableEntry &entry, NamedType &queries, NamedType *mutations);
  void add_computed_fields(const TableEntry &entry, NamedType &object);
  void add_computed_filters(const TableEntry &entry, NamedType &where);
  void add_computed_orders(const TableEntry &entry, NamedType &order_by);

  // build_tables.cpp: output types
  void add_object(const TableEntry &entry);
  void add_aggregates(const TableEntry &entry);
  void add_operator_fields(const TableEntry &entry, NamedType &aggregate_fields, const std::string &op);
  std::vector<InputValue> table_arguments(const std::string &base);

  // build_groups.cpp
  void add_groups(const TableEntry &entry);
  bool has_groups(const TableEntry &entry) const;
  const NamedType *group_having(const TableEntry &entry);
  const NamedType *group_order_by(const TableEntry &entry);
  Field group_field(const TableEntry &entry, const std::string &name, const std::string &description);

  // build_inputs.cpp
  void add_where(const TableEntry &entry);
  const NamedType *aggregate_predicates(const TableEntry &entry); // build_predicates.cpp
  const NamedType *predicate_input(const TableEntry &entry, const std::string &name, TypeRef arguments, const catalog::Type &result);
  void add_order_by(const TableEntry &entry);
  const NamedType *aggregate_order_by(const TableEntry &entry);
  void add_select_columns(const TableEntry &entry);

  // build_queries.cpp and build_mutations.cpp: root fields
  void add_queries(const TableEntry &entry, const RootFieldList &list, NamedType &root);
  void add_mutations(const TableEntry &entry, NamedType &root);
  void add_update_many(const TableEntry &entry, const std::vector<InputValue> &operators, NamedType &root);
  void add_updates(const TableEntry &entry, NamedType &root);
  void add_deletes(const TableEntry &entry, NamedType &root);
  const NamedType *mutation_response(const TableEntry &entry);
  void add_mutation_response(const TableEntry &entry);
  std::vector<InputValue> update_operators(const TableEntry &entry);
  std::vector<InputValue> key_arguments(const TableEntry &entry);
  InputValue column_input(const catalog::Column &column, bool non_null);
  InputValue where_argument(const std::string &base, bool required);

  // build_inserts.cpp
  void add_inserts(const TableEntry &entry, NamedType &root);
  void add_nested_inserts(const TableEntry &entry, NamedType &input);
  NamedType *nested_insert(const Relationship &relationship);
  std::optional<InputValue> on_conflict(const TableEntry &entry);
  const NamedType *update_column_enum(const TableEntry &entry);
  const NamedType *constraint_enum(const TableEntry &entry);

  TableEntry *entry_of(catalog::Oid table);

  Schema *schema_;
  NamedType *query_ = nullptr, *mutation_ = nullptr, *subscription_ = nullptr;
  std::vector<NamedType *> filled_; // since the last sort_filled
  bool all_made_ = false;
  std::unordered_map<std::string, NamedType *> types_;
  std::vector<TableEntry> tables_; // by base name; complete after choose_tables
  std::unordered_map<catalog::Oid, TableEntry *> by_oid_;
  std::unordered_map<std::string, TableEntry *> by_base_;
  std::map<std::string, TableEntry *> by_root_name_;                     // root fields that overrides name, and those of functions
  std::unordered_map<std::string, TableEntry *> by_arguments_type_;      // types of functions' arguments
  std::optional<TableNames> names_;                                      // after choose_tables
  std::unordered_map<std::string, const catalog::Type *> scalar_owners_; // which of several types of one name keeps it
};

constexpr std::string_view mutation_prefixes[] = {"insert_", "update_", "delete_"}; // of a table's root fields

constexpr const char *aggregate_operators[] = {"avg",         "max", "min",     "stddev",   "stddev_pop",
                                               "stddev_samp", "sum", "var_pop", "var_samp", "variance"};
// The columns that max, sum, avg ... can take.
std::vector<const catalog::Column *> aggregated_columns(const TableEntry &entry, const std::string &op);

// The name of a root field: `automatic`, or what an override says for its `kind` (select, insert_one ...).
std::string root_name(const TableEntry &entry, const std::string &kind, const std::string &automatic);
Field mutation_field(const TableEntry &entry, const char *what, const std::string &automatic, const std::string &description,
                     FieldKind kind, TypeRef type);
InputValue make_input(const std::string &name, const std::string &description, InputKind kind, TypeRef type);

inline TypeRef named(const NamedType *type) { return TypeRef{type, false, false, false}; }
inline TypeRef required(const NamedType *type) { return TypeRef{type, false, false, true}; }
inline TypeRef list_of(const NamedType *type) { return TypeRef{type, true, true, false}; }         // [T!]
inline TypeRef required_list_of(const NamedType *type) { return TypeRef{type, true, true, true}; } // [T!]!

} // namespace gqlsvl::graphql::schema
