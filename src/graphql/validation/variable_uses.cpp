#include "graphql/validation/variable_uses.h"

namespace gqlsvl::graphql::validation {

void VariableUses::value(const language::Value &value, const ValuePlace &place) {
  if (value.kind != language::ValueKind::Variable || open_.empty()) return;
  const bool has_default = !place.item && place.input && place.input->default_value;
  Noted &noted = noted_[open_.back()];
  if (noted.seen.emplace(value.text, place.type ? place.type->to_string() : "", has_default).second)
    noted.uses.push_back({value.text, place.type, has_default, value.at, context_.path});
}

std::vector<const VariableUse *> VariableUses::of(const language::Operation &operation) const {
  std::vector<const VariableUse *> out;
  auto add = [&](const void *where) {
    auto found = noted_.find(where);
    if (found == noted_.end()) return;
    for (const VariableUse &use : found->second.uses) out.push_back(&use);
  };
  add(&operation);
  for (const language::Fragment *fragment : context_.fragments.reachable(context_.fragments.spreads(operation))) add(fragment);
  return out;
}

} // namespace gqlsvl::graphql::validation
