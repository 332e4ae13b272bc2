// Which fragments a definition spreads, and in which order fragments can be looked at so that those spread come first.
//
// In:  a document. Out: spreads, cycles, order. No recursion on the length of a chain of fragments; linear in the document.
#pragma once
#include "graphql/language/ast.h"

#include <string_view>
#include <unordered_map>

namespace gqlsvl::graphql::validation {

class FragmentGraph {
public:
  using Spreads = std::vector<const language::Selection *>; // the first of each name

  explicit FragmentGraph(const language::Document &document);

  const language::Fragment *find(std::string_view name) const;
  const Spreads &spreads(const language::Fragment &fragment) const { return fragment_spreads_.at(&fragment); }
  const Spreads &spreads(const language::Operation &operation) const { return operation_spreads_.at(&operation); }
  const std::vector<const language::Fragment *> &order() const { return order_; } // spread ones before those that spread them
  const Spreads &cycle_spreads() const { return cycle_spreads_; }                 // each closes a cycle
  // Every fragment a list of spreads reaches, each once.
  std::vector<const language::Fragment *> reachable(const Spreads &from) const;

private:
  void visit(const language::Fragment &start);

  enum class Mark { New, Open, Done };
  std::unordered_map<std::string_view, const language::Fragment *> by_name_; // of equal names the first
  std::unordered_map<const language::Fragment *, Spreads> fragment_spreads_;
  std::unordered_map<const language::Operation *, Spreads> operation_spreads_;
  std::unordered_map<const language::Fragment *, Mark> marks_;
  std::vector<const language::Fragment *> order_;
  Spreads cycle_spreads_;
};

} // namespace gqlsvl::graphql::validation
