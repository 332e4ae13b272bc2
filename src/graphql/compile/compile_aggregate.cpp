// <table>_aggregate: the rows are chosen by an inner select (where, order_by, limit), the outer one aggregates them and collects nodes.
#include "graphql/compile/compiler.h"

namespace gqlsvl::graphql::compile {

using schema::FieldKind;

// uuid has no max in Postgres 15: its text in the C collation orders the same.
std::string aggregate_call(const std::string &op, const std::string &argument, const catalog::Type &type) {
  if ((op == "max" || op == "min") && type.schema == "pg_catalog" && type.name == "uuid")
    return "pg_catalog." + op + "(CAST(" + argument + " AS pg_catalog.text) COLLATE pg_catalog.\"C\")";
  return "pg_catalog." + op + "(" + argument + ")";
}

// The two selects of one aggregate field. `rows` names the inner one, whose columns are c<attnum> for a column and n<number> for a node.
class Compiler::Aggregation {
public:
  // `whole`: of all rows of the table. `most`: of the nodes; -1: no limit.
  Aggregation(Compiler &compiler, bool whole, std::int64_t most)
      : compiler_(compiler), whole_(whole), alias_(compiler.new_alias()), rows_(compiler.new_alias()), most_(most) {}
  // Of the rows of `alias` itself: the aggregates of a group.
  Aggregation(Compiler &compiler, const std::string &alias) : compiler_(compiler), whole_(false), alias_(alias), most_(-1) {}

  const std::string &alias() const { return alias_; }
  const std::string &rows() const { return rows_; }
  const Joins &joins() const { return joins_; }
  bool counts_nodes() const { return most_ >= 0 && !nodes_.empty(); }

  // What the outer select gives.
  std::string answer(const schema::NamedType &type, const validation::SelectionSets &sets, const std::string &path) {
    return object(type, sets, [&](const schema::Field &part, const validation::ResponseField &asked) {
      if (part.kind != FieldKind::Nodes) return aggregate_object(*part.type.type, asked);
      const std::string node = "n" + std::to_string(nodes_.size() + 1), inner = path + ".selectionSet." + part.name;
      nodes_.push_back(compiler_.row_object(*part.type.type, asked.selection_sets, {alias_, &joins_, whole_}, inner) + " AS " + node);
      return json_list(rows_ + "." + node) + (most_ < 0 ? "" : " FILTER (WHERE " + rows_ + ".number <= " + std::to_string(most_) + ")");
    });
  }

  std::string aggregates(const schema::NamedType &type, const validation::ResponseField &selected) {
    return aggregate_object(type, selected);
  }

  // What the inner select must give; complete after answer().
  std::string inner_columns() {
    std::string sql;
    for (const std::string &node : nodes_) sql += (sql.empty() ? "" : ", ") + node;
    for (const auto &[number, c] : columns_)
      sql += (sql.empty() ? "" : ", ") + compiler_.column(alias_, *c) + " AS c" + std::to_string(number);
    return sql;
  }

private:
  template <typename F> std::string object(const schema::NamedType &type, const validation::SelectionSets &sets, F &&value) {
    Pairs pairs;
    for (const validation::ResponseField &asked : compiler_.fields_of(type, sets)) {
      const std::string &name = asked.selection->name;
      pairs.emplace_back(asked.response_key, name == "__typename" ? type_name(type) : value(*type.field(name), asked));
    }
    return json_object(pairs);
  }

  std::string aggregate_object(const schema::NamedType &type, const validation::ResponseField &selected) {
    return object(type, selected.selection_sets, [&](const schema::Field &op, const validation::ResponseField &asked) {
      return op.kind == FieldKind::Count ? count(op, asked) : operator_object(*op.type.type, asked);
    });
  }

  std::string operator_object(const schema::NamedType &type, const validation::ResponseField &selected) {
    return object(type, selected.selection_sets, [&](const schema::Field &leaf, const validation::ResponseField &) {
      return compiler_.output(aggregate_call(leaf.op, take(*leaf.column), *leaf.column->type), *leaf.column->type);
    });
  }

  // One column skips nulls, several are a row value that is never null; without columns `distinct` has no meaning.
  std::string count(const schema::Field &field, const validation::ResponseField &asked) {
    std::string columns;
    std::size_t number = 0;
    if (auto chosen = compiler_.argument(asked, "columns"); chosen && !chosen->is_null())
      for (const Input &item : chosen->items())
        columns += (number++ ? ", " : "") + take(*field.argument("columns")->type.type->value(item.text())->column);
    if (number == 0) return "pg_catalog.count(*)";
    if (number > 1) columns = "ROW(" + columns + ")";
    const auto distinct = compiler_.argument(asked, "distinct");
    return "pg_catalog.count(" + std::string(distinct && !distinct->is_null() && distinct->boolean() ? "DISTINCT " : "") + columns + ")";
  }

  std::string take(const catalog::Column &column) {
    if (rows_.empty()) return compiler_.column(alias_, column);
    columns_[column.attnum] = &column;
    return rows_ + ".c" + std::to_string(column.attnum);
  }

  Compiler &compiler_;
  const bool whole_;
  const std::string alias_, rows_;
  const std::int64_t most_;
  Joins joins_;                                             // for the nodes
  std::vector<std::string> nodes_;                          // expressions with their names
  std::map<std::int16_t, const catalog::Column *> columns_; // aggregated or counted
};

std::string Compiler::aggregates_of(const schema::NamedType &type, const validation::ResponseField &selected, const std::string &alias) {
  return Aggregation(*this, alias).aggregates(type, selected);
}

// A limit of the table's or the setting's is one of the nodes alone: the aggregates are of all rows that the client asks for, as in Hasura.
// HAVING true makes it an aggregate even when only __typename is selected: always one row.
std::string Compiler::aggregate(const schema::Field &field, const validation::ResponseField &selected, const Source *parent,
                                const std::string &path) {
  const bool groups = joins_groups(field, selected, parent, path);
  Aggregation aggregation(*this, (groups || !parent) && takes_whole_table(field, selected), most_rows(*field.table));
  const std::string &alias = aggregation.alias(), &rows = aggregation.rows();
  const std::string answer = aggregation.answer(*field.type.type, selected.selection_sets, path);
  const std::string columns = aggregation.inner_columns();
  const std::string from = source(field, selected, parent ? parent->alias : "", path);
  if (groups) {
    const Grouping grouped = grouping(*field.relationship, alias);
    TableArguments arguments = table_arguments(field, selected, alias, grouped.condition, -1, path);
    const std::string own = columns.empty() ? grouped.columns.substr(0, grouped.columns.size() - 2) : grouped.columns + columns;
    if (!arguments.keys.empty()) arguments.keys.insert(arguments.keys.begin(), grouped.keys.begin(), grouped.keys.end());
    const std::string names = group_names(*field.relationship, rows);
    const std::string lists =
        join_groups(*field.relationship, *parent,
                    "SELECT " + names + ", " + answer + " AS o FROM (" +
                        select(own, *field.table, from, alias, aggregation.joins(), arguments) + ") AS " + rows + " GROUP BY " + names);
    // A parent without rows has the aggregates of none.
    const std::string none = select(columns, *field.table, from, alias, aggregation.joins(), {{}, " WHERE false", {}, {}, {}});
    return "COALESCE(" + lists + ".o, (SELECT " + answer + " FROM (" + none + ") AS " + rows + " HAVING true))";
  }
  const std::string joined = field.relationship ? join(*field.relationship, parent->alias, alias) : "";
  const TableArguments arguments = table_arguments(field, selected, alias, joined, -1, path);
  const std::string chosen = columns.empty() && !arguments.distinct.empty() ? "true" : columns; // DISTINCT ON wants something to select
  std::string chosen_rows = "(" + select(chosen, *field.table, from, alias, aggregation.joins(), arguments) + ")";
  if (aggregation.counts_nodes()) chosen_rows = "(SELECT r.*, pg_catalog.row_number() OVER () AS number FROM " + chosen_rows + " AS r)";
  return "(SELECT " + answer + " FROM " + chosen_rows + " AS " + rows + " HAVING true)";
}

} // namespace gqlsvl::graphql::compile
