// The GraphQL schema of one role: types, fields, arguments, each with what it means in the database.
//
// In:  catalog/model.h, by build.h. Out: read by validation, introspection and compile.
// Always: pointers are valid as long as the Schema lives; fields, inputs and enum values are sorted by name (introspection's order), but
// for the fields of the root types. A table's types and root fields are made when one of them is first looked at: a reader sees them
// complete, whichever way he comes (a TypePointer, Schema::type, NamedType::field of a root type), except in Schema::types, see complete().
#pragma once
#include "catalog/model.h"
#include "graphql/language/ast.h"

#include <deque>
#include <unordered_map>

namespace gqlsvl::graphql::schema {

struct NamedType;

// Makes what a Schema has not made yet.
class TypeMaker {
public:
  virtual ~TypeMaker() = default;
  virtual void complete(const NamedType &type) = 0;          // one that is only named so far
  virtual void make_type(const std::string &name) = 0;       // if there is one of that name
  virtual void make_root_field(const std::string &name) = 0; // the same for a field of a root type
  virtual void make_all() = 0;
};

// Leads to a type, complete.
class TypePointer {
public:
  TypePointer(const NamedType *type = nullptr) : type_(type) {}
  const NamedType *get() const;
  operator const NamedType *() const { return get(); }
  const NamedType *operator->() const { return get(); }
  const NamedType &operator*() const { return *get(); }

private:
  const NamedType *type_;
};

// A type with its wrappers: T, T!, [T], [T!], [T]!, [T!]!. Nothing in this API nests lists deeper.
struct TypeRef {
  TypePointer type;
  bool list = false, item_non_null = false, non_null = false;
  std::string to_string() const; // "[orders!]!"
};

struct Relationship { // or a computed field that is a set of rows
  std::string name;
  bool array = false;    // array: many rows; object: one
  bool by_owner = false; // by gqlsvl.add_relationship
  const catalog::Table *from = nullptr, *to = nullptr;
  std::vector<std::pair<std::int16_t, std::int16_t>> columns; // (from, to), compared with =
  const catalog::Function *function = nullptr;                // in place of columns: what gives the rows for one of `from`
  bool nullable = true;                                       // object: false when all columns are NOT NULL foreign keys
  bool references = false;                                    // the columns of `from` are the foreign key, not those of `to`
};

// What a field of an output type means. The compiler switches on this.
enum class FieldKind {
  Introspection, // __schema, __type, __typename and the fields of the introspection types
  Rows,
  ByPk,
  Aggregate,
  Row, // of a function that returns one
  Insert,
  InsertOne,
  Update,
  UpdateByPk,
  UpdateMany,
  Delete,
  DeleteByPk, // root fields of a table
  Call,       // of a function that changes something
  NoQueries,  // no_queries_available
  Column,
  Computed, // a scalar that a function makes of the row
  ObjectRelationship,
  ArrayRelationship,
  ArrayAggregate, // of a table's object type
  Groups,         // <table>_group_by, of a root type or a table's
  GroupKey,       // of <table>_group_by
  Nodes,
  AggregateFields,
  Count,
  Operator,
  OperatorColumn, // of <table>_aggregate and below
  AffectedRows,
  Returning, // of a mutation response
};

enum class InputKind {
  Plain, // nothing more to know
  Where,
  OrderBy,
  Limit,
  Offset,
  DistinctOn, // table arguments
  Objects,
  Object,
  PkColumns,
  PkColumn,
  Set,
  Inc,
  Append,
  Prepend,
  DeleteKey,
  DeleteElem,
  DeleteAtPath, // operators of updates
  Updates,
  OnConflict, // mutation arguments
  Path,       // of a json or jsonb field
  Arguments,  // `args` of a function
  Argument,   // a key of it: `argument` says which
  And,
  Or,
  Not,
  Column,
  Computed,
  ObjectRelationship,
  ArrayRelationship, // keys of a bool_exp, order_by, insert or set input
  ArrayAggregate,    // <relationship>_aggregate of a bool_exp or order_by
  Count,
  Operator, // keys of <table>_aggregate_order_by and <table>_aggregate_bool_exp: `name` is the operator
  GroupBy,
  Having,     // arguments of <table>_group_by
  GroupKey,   // of its order_by
  Comparison, // _eq, _in ...: `name` is the operator
  Cast,       // _cast of a comparison
};

struct InputValue {
  std::string name, description;
  TypeRef type;
  std::optional<language::Value> default_value;
  InputKind kind = InputKind::Plain;
  const catalog::Column *column = nullptr;
  const Relationship *relationship = nullptr;
  const catalog::Function *function = nullptr; // Computed
  std::size_t argument = 0;                    // Argument: index in the function's arguments
};

struct Field {
  std::string name, description;
  std::vector<InputValue> arguments;
  TypeRef type;
  FieldKind kind = FieldKind::Introspection;
  const catalog::Table *table = nullptr; // root fields, aggregates, mutation responses
  const catalog::Column *column = nullptr;
  const Relationship *relationship = nullptr;
  const catalog::Function *function = nullptr; // that gives the value, or the rows in place of the table
  std::string op;                              // Operator: avg, sum, ...
  const InputValue *argument(const std::string &argument_name) const;
};

struct EnumValue {
  std::string name, description;
  const catalog::Column *column = nullptr; // of *_select_column and *_update_column
  const catalog::Key *key = nullptr;       // of *_constraint
};

enum class NamedKind { Scalar, Object, Input, Enum };

struct NamedType {
  NamedKind kind = NamedKind::Scalar;
  std::string name, description;
  std::deque<Field> fields;              // Object; a deque, so that those of a root type stay where they are when others come
  std::vector<InputValue> inputs;        // Input
  std::vector<EnumValue> values;         // Enum
  const catalog::Type *scalar = nullptr; // Scalar of a column type; null for Int, Boolean ... used by arguments only
  const catalog::Table *table = nullptr; // types that belong to a table
  mutable bool complete = true;          // false: only named so far
  bool is_root = false;
  bool of_rows = false;       // Enum: its values are rows of a table, so data in SQL; of other enums the SQL depends on which value it is
  TypeMaker *maker = nullptr; // of a type that may be incomplete, and of root types
  const Field *field(const std::string &field_name) const;
  const InputValue *input(const std::string &input_name) const;
  const EnumValue *value(const std::string &value_name) const;
};

struct DirectiveDefinition {
  std::string name, description;
  std::vector<std::string> locations; // FIELD, FRAGMENT_SPREAD ...
  std::vector<InputValue> arguments;
};

struct Schema {
  std::unique_ptr<TypeMaker> maker; // null: all is made
  std::shared_ptr<const catalog::Model> model;
  std::vector<std::unique_ptr<NamedType>> types; // sorted by name, introspection types included; all of them only after complete()
  std::unordered_map<std::string, const NamedType *> by_name;
  std::vector<std::unique_ptr<Relationship>> relationships;
  std::vector<DirectiveDefinition> directives;        // include, skip, cached
  std::vector<DirectiveDefinition> hidden_directives; // accepted, but not introspected, as in Hasura: _multiple_top_level_fields
  std::vector<Field> meta_fields;                     // __typename, __schema, __type: of no type's list, see introspection_types.h
  const NamedType *query = nullptr, *mutation = nullptr, *subscription = nullptr; // null when empty
  const NamedType *type(const std::string &type_name) const;                      // null: there is none
  void complete() const;                                                          // for who reads `types`
};

// A type's fields in the order of introspection: all of them, also of a root type.
std::vector<const Field *> fields_by_name(const Schema &schema, const NamedType &type);

} // namespace gqlsvl::graphql::schema
