// One SQL statement under construction. The compile_*.cpp files each hold one domain of it.
#pragma once
#include "graphql/compile/compile.h"
#include "graphql/compile/fault.h"
#include "graphql/compile/input.h"
#include "graphql/schema/names.h"

#include <functional>
#include <map>
#include <set>

namespace gqlsvl::graphql::compile {

// What all statements of an operation share.
struct Context {
  const schema::Schema &schema;
  const language::Document &document;
  const validation::Variables &variables;
  const Options options;
  const bool live = false; // a subscription: it waits for the rows that it looks up by a key, and a join may scan all
};

// More tables than these in one FROM are no longer ordered by cost (join_collapse_limit is 8).
constexpr std::size_t most_joins = 7;

using Pairs = std::vector<std::pair<std::string, std::string>>; // key of the response, SQL expression

std::string quote_name(const std::string &name);          // "name"
std::string qualified_name(const catalog::Table &table);  // "schema"."name"
std::string type_text(const catalog::Type &type);         // "schema"."name"
std::string json_object(const Pairs &pairs);              // an expression of type json; keys in this order
std::string json_list(const std::string &expression);     // aggregate: [] when there is no row
std::string type_name(const schema::NamedType &type);     // the value of __typename
bool keys_hold(const catalog::Table &table);              // for all rows that a query sees, also those of inheriting tables
bool is_single(const schema::Relationship &relationship); // at most one row at the other end
std::string group_names(const schema::Relationship &relationship, const std::string &alias); // alias.k1, alias.k2
std::string aggregate_call(const std::string &op, const std::string &argument, const catalog::Type &type);
std::string order_direction(const std::string &value);                     // of the enum order_by: " ASC NULLS LAST"
std::string combine(const std::vector<std::string> &conditions, bool any); // true and false where there are none
[[noreturn]] void unexpected_null(const schema::TypeRef &type, const std::string &path);

// What is joined to the rows of one FROM.
struct Joins {
  std::string sql; // " LEFT JOIN ..." each
  std::size_t count = 0;
};

// Rows that an object is made of: the alias they have, and where a relationship may join its own.
struct Source {
  std::string alias;
  Joins *joins = nullptr; // null: nothing can be joined here
  bool whole = false;     // all rows of their table
};

struct OrderKey {
  std::string sql, direction;
  bool is_column = false; // of the source itself
};

// A mutation root field, or one element of update_<table>_many.
struct Mutation {
  const schema::Field &field;
  const validation::ResponseField &selected;
  const std::vector<schema::InputValue> &arguments; // of the field, or the keys of the element
  std::optional<Input> element;
  std::string path, argument_path; // $.selectionSet.update_orders, $.selectionSet.update_orders.args
};

class Compiler {
public:
  explicit Compiler(const Context &context) : context_(context) {}

  // compile_select.cpp: expressions of type json
  std::string root(const schema::Field &field, const validation::ResponseField &selected, const std::string &path);
  std::string row_object(const schema::NamedType &type, const validation::SelectionSets &sets, const Source &source,
                         const std::string &path);

  // compile_mutation.cpp, compile_insert.cpp
  static Change change(const Context &context, const Mutation &mutation);
  static RowByRow insert_row_by_row(const Context &context, const Mutation &mutation);

  Statement take(std::string sql) { return Statement{std::move(sql), std::move(parameters_), std::move(shapes_)}; }

private:
  using Columns = std::map<std::int16_t, const catalog::Column *>; // by attnum
  struct Grouping {
    std::string columns;   // "t2."fk" AS k1, ": the keys of the groups
    std::string condition; // that they are not null; may be empty
    std::vector<OrderKey> keys;
  };
  struct TableArguments {
    std::string distinct, where, limit; // "DISTINCT ON (...) ", " WHERE ..." ready to append, or empty
    Joins joins;                        // for the keys
    std::vector<OrderKey> keys;
  };

  // compiler.cpp
  std::string new_alias() { return "t" + std::to_string(++aliases_); }
  std::string add(Parameter parameter);
  bool is_json(catalog::Oid type) const;
  std::string value(const Input &input, const catalog::Type &type);
  std::string list(const Input &input, const catalog::Type &type);
  std::string column(const std::string &alias, const catalog::Column &column);
  std::string output(const std::string &expression, const catalog::Type &type) const;
  std::int64_t most_rows(const catalog::Table &table) const;
  std::string join(const schema::Relationship &relationship, const std::string &from, const std::string &to);
  std::optional<Input> argument(const validation::ResponseField &selected, const std::string &name) const;
  std::vector<validation::ResponseField> fields_of(const schema::NamedType &type, const validation::SelectionSets &sets) const;

  // compile_select.cpp
  std::string rows(const schema::Field &field, const validation::ResponseField &selected, const Source *parent, const std::string &path);
  std::string grouped_rows(const schema::Field &field, const validation::ResponseField &selected, const Source &parent,
                           const std::string &path);
  std::string by_key(const schema::Field &field, const validation::ResponseField &selected, const std::string &path);
  std::string object_relationship(const schema::Field &field, const validation::ResponseField &selected, const Source &source,
                                  const std::string &path);
  TableArguments table_arguments(const schema::Field &field, const validation::ResponseField &selected, const std::string &alias,
                                 const std::string &joined, std::int64_t most, const std::string &path);
  std::string limit(const validation::ResponseField &selected, std::int64_t most, const std::string &path);
  std::string row_count(const Input &count, std::string_view name, std::int64_t most, const std::string &path);
  std::string json_field(const validation::ResponseField &selected, const std::string &value, const std::string &path);

  // compile_function.cpp
  std::string row(const schema::Field &field, const validation::ResponseField &selected, const std::string &path);
  std::string source(const schema::Field &field, const validation::ResponseField &selected, const std::string &alias,
                     const std::string &path);
  std::string source(const schema::Relationship &relationship, const std::string &alias);
  std::string call(const catalog::Function &function, const std::string &alias, const schema::NamedType *type = nullptr,
                   const std::optional<Input> &given = std::nullopt, const std::string &path = {});
  std::string whole_row(const catalog::Table &table, const std::string &alias);
  static Change call_and_answer(const Context &context, const Mutation &mutation);

  // compile_shape.cpp
  std::string select(const std::string &what, const catalog::Table &table, const std::string &from, const std::string &alias,
                     const Joins &joins, const TableArguments &arguments);
  bool takes_all(const validation::ResponseField &selected) const;
  bool takes_whole_table(const schema::Field &field, const validation::ResponseField &selected) const;
  bool joins_object(const schema::Relationship &relationship, const Source &source, const std::string &path);
  bool joins_groups(const schema::Field &field, const validation::ResponseField &selected, const Source *parent, const std::string &path);
  std::string join_groups(const schema::Relationship &relationship, const Source &parent, const std::string &groups);
  Grouping grouping(const schema::Relationship &relationship, const std::string &alias);

  // compile_aggregate.cpp
  class Aggregation;
  std::string aggregate(const schema::Field &field, const validation::ResponseField &selected, const Source *parent,
                        const std::string &path);

  std::string aggregates_of(const schema::NamedType &type, const validation::ResponseField &selected, const std::string &alias);

  // compile_group.cpp
  using Grouped = std::vector<const catalog::Column *>;
  std::string groups(const schema::Field &field, const validation::ResponseField &selected, const std::string &join_to,
                     const std::string &path);
  Grouped group_columns(const schema::Field &field, const validation::ResponseField &selected) const;
  std::string group_key(const schema::NamedType &type, const validation::ResponseField &selected, const Grouped &grouped,
                        const std::string &alias);
  std::string having(const Input &input, const schema::NamedType &type, const std::string &alias, const std::string &path);
  std::string having_columns(const Input &input, const schema::NamedType &type, const std::string &op, const std::string &alias,
                             const std::string &path);
  std::string group_order(const Input &order, const schema::NamedType &type, const Grouped &grouped, const std::string &alias);

  // compile_filter.cpp
  std::string filter(const Input &input, const schema::NamedType &type, const std::string &alias, const std::string &path);
  std::string filter_list(const Input &input, const schema::NamedType &type, const std::string &alias, bool any, const std::string &path);
  std::string comparison(const Input &input, const schema::NamedType &type, const catalog::Type &compared, const std::string &left,
                         const std::string &path);
  std::string cast_comparison(const Input &input, const schema::NamedType &type, const std::string &left, const std::string &path);
  std::string compare(const std::string &op, const Input &input, const catalog::Type &type, const std::string &left);
  std::string match(const std::string &op, const Input &input, const catalog::Type &type, const std::string &left);
  std::string aggregate_predicate(const Input &input, const schema::InputValue &key, const std::string &alias, const std::string &path);
  std::string exists(const Input &input, const schema::InputValue &key, const std::string &alias, const std::string &path);

  // compile_order.cpp
  std::string distinct_on(const Input &columns, const std::optional<Input> &order, const schema::Field &field, const std::string &alias,
                          const std::string &path);
  void order_by(const Input &input, const schema::NamedType &type, const std::string &alias, TableArguments &arguments);
  using Wrap = std::function<std::string(const std::string &)>; // puts an expression into the sub-select that reaches its row
  void order_keys(const Input &input, const schema::NamedType &type, const std::string &alias, const Wrap &wrap, TableArguments &arguments,
                  bool related);
  void aggregate_order_keys(const Input &input, const schema::InputValue &key, const std::string &alias, const Wrap &wrap,
                            TableArguments &arguments);

  // compile_insert.cpp
  using Row = std::map<std::string, Input>; // by the names of the insert input
  std::vector<Row> rows_to_insert(const Mutation &mutation) const;
  std::string insert(const Mutation &mutation, const std::vector<Row> &rows);
  std::string on_conflict(const Input &conflict, const schema::NamedType &type, const std::string &alias, const std::string &path);
  void take_key_columns(const Mutation &mutation, const Input &conflict);
  std::string rows_in_conflict(const Mutation &mutation, const Columns &columns, const std::string &returned);
  std::optional<Input> conflict_that_may_skip(const Mutation &mutation) const;

  // compile_nested.cpp
  class NestedInsert {
  public:
    explicit NestedInsert(const Context &context) : context_(context) {}
    // `answered`: the columns that the answer takes of the objects' own rows.
    std::vector<InsertStep> steps(const Mutation &mutation, const Columns &answered);

  private:
    struct Object;
    struct Group;
    struct Children;
    void insert(Group &group);
    static bool is_used(const Group &group, const schema::InputValue &key);
    static std::vector<Children> children(const Group &group, const schema::InputValue &key);
    void insert_referenced(Group &group, const schema::InputValue &key);
    void insert_referencing(Group &group, const schema::InputValue &key);
    void fix(Object &object, const Group &group, const Object &source, const schema::InputValue &key, bool forward);
    static std::string value(Compiler &compiler, const Object &object, const schema::InputValue &input);
    void add_step(Group &group, std::size_t first, std::size_t end);
    Statement existing(const Group &group, const Object &object, const std::string &columns);

    Context context_;
    std::vector<InsertStep> steps_;
    std::vector<std::vector<std::int16_t>> positions_; // attnums of the columns that each step returns
  };
  bool is_nested(const Mutation &mutation) const;

  // compile_mutation.cpp
  std::optional<Input> argument(const Mutation &mutation, const std::string &name) const;
  std::string modification(const Mutation &mutation);
  std::string assignments(const Mutation &mutation);
  std::string update(const Mutation &mutation);
  std::string where(const Mutation &mutation);
  std::string remove(const Mutation &mutation);
  std::string key_condition(const std::vector<schema::InputValue> &keys,
                            const std::function<std::optional<Input>(const std::string &)> &find, const std::string &alias);
  std::string response(const Mutation &mutation, const std::string &source, const std::string &affected);
  bool takes_only_columns(const Mutation &mutation) const;
  static std::string returning(const Columns &columns);
  static Statement change_and_answer(const Context &context, const Mutation &mutation);
  static Columns answer(const Context &context, const Mutation &mutation, Change &result);

  static constexpr char changed_row[] = "t0"; // alias of the row that a mutation changes and answers with
  Context context_;
  std::vector<Parameter> parameters_;
  std::vector<Shape> shapes_;
  int aliases_ = 0;
  std::map<std::string, Columns> used_; // columns read, by alias
  std::set<std::string> used_whole_;    // aliases whose row is handed to a function
};

} // namespace gqlsvl::graphql::compile
