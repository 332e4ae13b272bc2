// An insert with rows of related tables inside: INSERT statements that run one after another, each taking keys from rows that those before
// it returned.
//
// Rows that an object refers to come first, then the objects themselves, then the rows that refer to them. Objects at the same place of the
// tree are one statement, but each of those with on_conflict is its own: only then is it known which row came back for which object.
// Not one statement of many WITH parts: those share a snapshot, so that a policy or trigger of order_item could not see the order that was
// inserted with it.
#include "graphql/compile/compiler.h"

#include <algorithm>

namespace gqlsvl::graphql::compile {

using schema::InputKind;

// A row to insert: what the client gave, and the columns that take their value from an inserted row.
struct Compiler::NestedInsert::Object {
  struct Origin {
    std::size_t step, row, column;
    catalog::Oid type;
  };
  Input given;
  std::string path;
  std::map<std::int16_t, Origin> fixed; // by attnum
  std::size_t step = 0, row = 0;        // where it comes back, once it has a statement
};

struct Compiler::NestedInsert::Group {
  const schema::NamedType &type; // <table>_insert_input
  const catalog::Table &table;
  std::vector<Object> objects;
  std::optional<Input> conflict;
  const schema::NamedType *conflict_type = nullptr;
  std::vector<std::int16_t> wanted; // columns to return, in this order
  bool root = false;
};

struct Compiler::NestedInsert::Children {
  Group group;
  std::vector<std::size_t> child_of; // for each object of the group, the object it is nested in
};

bool Compiler::is_nested(const Mutation &mutation) const {
  const bool one = mutation.field.kind == schema::FieldKind::InsertOne;
  const schema::InputValue *objects = mutation.field.argument(one ? "object" : "objects");
  if (!objects) return false;
  for (const Input &object : argument(mutation, objects->name)->items())
    for (const auto &[name, member] : object.members())
      if (objects->type.type->input(name)->relationship && !member.is_null()) return true;
  return false;
}

std::vector<InsertStep> Compiler::NestedInsert::steps(const Mutation &mutation, const Columns &answered) {
  const bool one = mutation.field.kind == schema::FieldKind::InsertOne;
  const schema::InputValue &objects = *mutation.field.argument(one ? "object" : "objects");
  Compiler reader(context_);
  Group group{*objects.type.type, *mutation.field.table, {}, reader.argument(mutation, "on_conflict"), nullptr, {}, true};
  if (group.conflict && group.conflict->is_null()) group.conflict.reset();
  if (group.conflict) group.conflict_type = mutation.field.argument("on_conflict")->type.type;
  for (const Input &object : reader.argument(mutation, objects.name)->items())
    group.objects.push_back(
        {object, mutation.argument_path + (one ? ".object" : ".objects[" + std::to_string(group.objects.size()) + "]"), {}, 0, 0});
  for (const auto &[attnum, column] : answered) group.wanted.push_back(attnum);
  insert(group);
  return std::move(steps_);
}

void Compiler::NestedInsert::insert(Group &group) {
  for (const Object &object : group.objects)
    if (object.given.is_null()) throw Fault("unexpected null value for type '" + group.type.name + "'", object.path);
  for (const schema::InputValue &key : group.type.inputs)
    if (key.relationship && key.relationship->references) insert_referenced(group, key);
  for (const schema::InputValue &key : group.type.inputs)
    if (key.relationship && !key.relationship->references && is_used(group, key))
      for (const auto &[ours, theirs] : key.relationship->columns)
        if (std::find(group.wanted.begin(), group.wanted.end(), ours) == group.wanted.end()) group.wanted.push_back(ours);
  if (group.conflict) {
    for (std::size_t i = 0; i < group.objects.size(); ++i) add_step(group, i, i + 1);
  } else if (!group.objects.empty()) {
    add_step(group, 0, group.objects.size());
  }
  for (const schema::InputValue &key : group.type.inputs)
    if (key.relationship && !key.relationship->references && is_used(group, key)) insert_referencing(group, key);
}

bool Compiler::NestedInsert::is_used(const Group &group, const schema::InputValue &key) {
  return std::any_of(group.objects.begin(), group.objects.end(), [&](const Object &object) {
    const auto member = object.given.member(key.name);
    return member && !member->is_null();
  });
}

// The rows nested under `key`, as groups: one for all without on_conflict, one for each with. `child_of` says which object each belongs to.
std::vector<Compiler::NestedInsert::Children> Compiler::NestedInsert::children(const Group &group, const schema::InputValue &key) {
  const schema::NamedType &wrapper = *key.type.type;
  std::vector<Children> all;
  auto new_group = [&]() -> Children & {
    all.push_back({Group{*wrapper.input("data")->type.type, *key.relationship->to, {}, std::nullopt, nullptr, {}, false}, {}});
    return all.back();
  };
  std::optional<std::size_t> plain;
  for (std::size_t i = 0; i < group.objects.size(); ++i) {
    const auto member = group.objects[i].given.member(key.name);
    if (!member || member->is_null()) continue;
    const auto conflict = member->member("on_conflict");
    const bool own = conflict && !conflict->is_null();
    if (own || !plain) {
      Children &added = new_group();
      if (own) {
        added.group.conflict = conflict;
        added.group.conflict_type = wrapper.input("on_conflict")->type.type;
      } else {
        plain = all.size() - 1;
      }
    }
    Children &children = own ? all.back() : all[*plain];
    std::size_t number = 0;
    const std::string path = group.objects[i].path + "." + key.name + ".data";
    for (const Input &item : member->member("data")->items()) {
      children.group.objects.push_back({item, key.relationship->array ? path + "[" + std::to_string(number++) + "]" : path, {}, 0, 0});
      children.child_of.push_back(i);
    }
  }
  return all;
}

// Rows that the objects refer to: inserted first, their keys go into the objects.
void Compiler::NestedInsert::insert_referenced(Group &group, const schema::InputValue &key) {
  for (Children &child : children(group, key)) {
    for (const auto &[ours, theirs] : key.relationship->columns) child.group.wanted.push_back(theirs);
    insert(child.group);
    for (std::size_t i = 0; i < child.group.objects.size(); ++i)
      fix(group.objects[child.child_of[i]], group, child.group.objects[i], key, true);
  }
}

// Rows that refer to the objects: inserted afterwards, with the objects' keys.
void Compiler::NestedInsert::insert_referencing(Group &group, const schema::InputValue &key) {
  for (Children &child : children(group, key)) {
    for (std::size_t i = 0; i < child.group.objects.size(); ++i)
      fix(child.group.objects[i], child.group, group.objects[child.child_of[i]], key, false);
    insert(child.group);
  }
}

// Gives `object` the values of `source`'s row in the columns of the relationship.
void Compiler::NestedInsert::fix(Object &object, const Group &group, const Object &source, const schema::InputValue &key, bool forward) {
  InsertStep &step = steps_[source.step];
  step.feeds_others = true;
  for (const auto &[ours, theirs] : key.relationship->columns) {
    const std::int16_t to = forward ? ours : theirs, from = forward ? theirs : ours;
    const catalog::Column &column = *group.table.column(to);
    for (const schema::InputValue &input : group.type.inputs)
      if (input.column && input.column->attnum == to && object.given.member(input.name))
        throw Fault("cannot insert " + std::string(key.relationship->array ? "array" : "object") + " relationship \"" + key.name +
                        "\" as \"" + column.name + "\" column values are already determined",
                    object.path);
    const auto &returned = positions_[source.step];
    const auto at = std::find(returned.begin(), returned.end(), from);
    const auto index = static_cast<std::size_t>(at - returned.begin());
    object.fixed[to] = {source.step, source.row, index, step.returned[index].type};
  }
}

std::string Compiler::NestedInsert::value(Compiler &compiler, const Object &object, const schema::InputValue &input) {
  const auto fixed = object.fixed.find(input.column->attnum);
  if (fixed == object.fixed.end()) {
    const auto given = object.given.member(input.name);
    return given ? compiler.value(*given, *input.column->type) : "DEFAULT";
  }
  Parameter parameter;
  parameter.source = ParameterSource::StepValue;
  parameter.type = fixed->second.type;
  parameter.step = fixed->second.step;
  parameter.row = fixed->second.row;
  parameter.column = fixed->second.column;
  return compiler.add(std::move(parameter));
}

// One INSERT of the objects from `first` up to `end`.
void Compiler::NestedInsert::add_step(Group &group, std::size_t first, std::size_t end) {
  InsertStep step;
  step.rows = end - first;
  step.root = group.root;
  step.table = group.table.name;
  std::vector<const schema::InputValue *> given;
  for (const schema::InputValue &input : group.type.inputs)
    if (input.column && std::any_of(group.objects.begin() + first, group.objects.begin() + end, [&](const Object &object) {
          return object.fixed.count(input.column->attnum) || object.given.member(input.name);
        }))
      given.push_back(&input);
  if (given.empty()) // only defaults: any column the role may give
    given.push_back(&*std::find_if(group.type.inputs.begin(), group.type.inputs.end(), [](const auto &input) { return input.column; }));
  Compiler compiler(context_);
  std::string columns, values, returning;
  for (const schema::InputValue *input : given) columns += (columns.empty() ? "" : ", ") + quote_name(input->column->name);
  for (std::size_t i = first; i < end; ++i) {
    std::string tuple;
    for (const schema::InputValue *input : given) tuple += (tuple.empty() ? "" : ", ") + value(compiler, group.objects[i], *input);
    values += (values.empty() ? "(" : ", (") + tuple + ")";
    group.objects[i].step = steps_.size();
    group.objects[i].row = i - first;
  }
  for (std::int16_t number : group.wanted) {
    const catalog::Column &column = *group.table.column(number);
    returning += (returning.empty() ? "" : ", ") + std::string(changed_row) + "." + quote_name(column.name);
    step.returned.push_back({column.type->oid, column.type->array});
  }
  std::string sql = "INSERT INTO " + qualified_name(group.table) + " AS " + changed_row + " (" + columns + ") VALUES " + values;
  if (group.conflict) {
    sql += compiler.on_conflict(*group.conflict, *group.conflict_type, changed_row, group.objects[first].path);
    if (!returning.empty()) step.existing = existing(group, group.objects[first], returning);
  }
  step.insert = compiler.take(sql + (returning.empty() ? "" : " RETURNING " + returning));
  steps_.push_back(std::move(step));
  positions_.push_back(group.wanted);
}

// The row that kept the object from being inserted; empty when the object does not give all of the constraint's columns.
Statement Compiler::NestedInsert::existing(const Group &group, const Object &object, const std::string &columns) {
  const schema::NamedType &constraints = *group.conflict_type->input("constraint")->type.type;
  Compiler compiler(context_);
  std::string condition;
  for (std::int16_t number : constraints.value(group.conflict->member("constraint")->text())->key->columns) {
    const auto input = std::find_if(group.type.inputs.begin(), group.type.inputs.end(),
                                    [&](const auto &candidate) { return candidate.column && candidate.column->attnum == number; });
    if (input == group.type.inputs.end()) return {};
    const std::string operand = value(compiler, object, *input);
    if (operand == "DEFAULT") return {};
    condition += (condition.empty() ? "" : " AND ") + std::string(changed_row) + "." + quote_name(input->column->name) + " " +
                 input->column->type->eq + " " + operand;
  }
  return compiler.take("SELECT " + columns + " FROM " + qualified_name(group.table) + " AS " + changed_row + " WHERE " + condition +
                       " LIMIT 1");
}

} // namespace gqlsvl::graphql::compile
