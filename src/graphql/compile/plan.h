// What an operation becomes: SQL statements, where their parameters come from, and how their results make the response.
//
// In:  made by compile.h. Out: run by graphql/execute. Immutable; pointers point into the document and schema it was compiled from.
// Always: no value of a client is in `sql`: literals and variables alike are parameters.
#pragma once
#include "graphql/validation/collect.h"

namespace gqlsvl::graphql::compile {

// A key of an object or an index of a list inside a variable's value.
struct PathStep {
  std::string key;
  std::size_t index = 0; // used when key is empty
};

enum class ParameterSource { Literal, Variable, AffectedRows, ReturnedColumn, StepValue };

// How a JSON value becomes the text that the type's input function reads.
enum class Encoding {
  Scalar,
  Json,  // the value itself, as JSON
  Array, // of a column: a list, or a Postgres array literal ("{a,b}"), as in Hasura
  List,  // of an operator such as _in: a list, whatever its items look like
  Path,  // a JSON path as text ("a.b[0]"), as a list of its steps
};

struct Parameter {
  catalog::Oid type = 0; // declared to Postgres
  ParameterSource source = ParameterSource::Literal;
  Encoding encoding = Encoding::Scalar;
  bool json_items = false;                  // Array and List: of json or jsonb
  bool non_negative = false;                // limit and offset
  std::string argument_path;                // for errors: $.selectionSet.orders.args.limit, or .args.path
  const language::Value *literal = nullptr; // Literal; may hold variables
  std::string variable;                     // Variable
  std::vector<PathStep> path;               // Variable: inside its value
  std::size_t column = 0;                   // ReturnedColumn: index in Change::returned; StepValue: in InsertStep::returned
  std::size_t step = 0, row = 0;            // StepValue
};

// How the rows of a relationship are reached, and why in this way.
struct Shape {
  std::string path; // $.selectionSet.orders.selectionSet.customer
  const char *name, *reason;
};

struct Statement {
  std::string sql; // empty: nothing to do
  std::vector<Parameter> parameters;
  std::vector<Shape> shapes;
};

struct ReturnedColumn {
  catalog::Oid type = 0, array = 0; // array 0: handed on as text[]
};

// One statement of a nested insert. Its rows come back in the order of its objects.
struct InsertStep {
  Statement insert;
  Statement existing; // with on_conflict: finds the row that was there already, when `insert` returned none; may be empty
  std::vector<ReturnedColumn> returned;
  std::size_t rows = 0;
  bool root = false;         // the answer is made from its rows, which start with the columns of Change::returned
  bool feeds_others = false; // later steps take values from its rows: all must come back
  std::string table;
};

// A mutation root field. `change` answers by itself (one json column), or `answer` makes the response from what it returned.
struct Change {
  Statement change, answer; // answer.sql empty: change answers
  std::vector<ReturnedColumn> returned;
  std::vector<InsertStep> steps;        // in place of `change`: a nested insert, in order
  catalog::Oid returns_new_rows_of = 0; // an insert with RETURNING: row security refuses it for a row that it hides, see RowByRow
};

// The same insert one object at a time: `seen` returns the row, `unseen` does not and so needs no right to see it.
struct RowByRow {
  std::vector<Statement> seen, unseen;
  std::vector<ReturnedColumn> returned;
  Statement answer;
};

struct RootField {
  enum class Kind { QueryColumn, Constant, Introspection, Change };
  Kind kind = Kind::Constant;
  std::string response_key, path;  // path: $.selectionSet.orders
  std::string error_path = "$";    // Change: of the argument that holds new rows
  std::string constant;            // JSON text
  validation::ResponseField field; // Introspection and Change
  std::size_t index = 0;           // QueryColumn: column of Plan::query; Change: of Plan::changes
  std::size_t count = 0;           // Change: how many
  bool list = false;               // Change: the answers make a list
};

struct Plan {
  language::OperationKind kind = language::OperationKind::Query;
  std::vector<RootField> fields; // in the order of the response
  Statement query;               // one json column per QueryColumn
  std::vector<Change> changes;   // in order
};

} // namespace gqlsvl::graphql::compile
