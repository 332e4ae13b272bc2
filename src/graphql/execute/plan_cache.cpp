#include "graphql/execute/plan_cache.h"

#include "graphql/language/parser.h"
#include "graphql/validation/operation.h"
#include "graphql/validation/validate.h"
#include "pg/settings.h"

#include <algorithm>
#include <list>

extern "C" {
#include "executor/spi.h"
}

namespace gqlsvl::graphql::execute {

namespace {

constexpr std::size_t most_shapes = 16;          // of one document
constexpr std::size_t largest_kept = 100 * 1024; // bytes of a document: longer ones are hardly sent twice, and their trees are large

struct Cache {
  using Entries = std::list<std::pair<std::string, std::shared_ptr<ParsedDocument>>>;
  Entries entries;                                                // most recently used first
  std::unordered_map<std::string_view, Entries::iterator> by_key; // views into the entries' keys

  void add(std::string key, std::shared_ptr<ParsedDocument> parsed, std::size_t most) {
    remove(key);
    entries.emplace_front(std::move(key), std::move(parsed));
    by_key[entries.front().first] = entries.begin();
    while (entries.size() > most) remove(std::string(entries.back().first));
  }
  void remove(const std::string &key) {
    auto found = by_key.find(key);
    if (found == by_key.end()) return;
    auto entry = found->second;
    by_key.erase(found);
    entries.erase(entry);
  }
};

Cache &cache() { // never freed, so that no destructor runs at exit
  static auto *instance = new Cache;
  return *instance;
}

std::shared_ptr<ParsedDocument> parse_document(const std::shared_ptr<const schema::Schema> &schema, std::string_view query,
                                               std::string_view operation_name, Errors &errors) {
  GraphQLError error;
  language::ParseLimits limits;
  limits.max_depth = pg::settings().max_depth;
  std::optional<language::Document> document = language::parse(query, error, limits);
  if (!document) {
    errors.push_back(std::move(error));
    return nullptr;
  }
  auto parsed = std::make_shared<ParsedDocument>();
  parsed->schema = schema;
  parsed->document = std::move(*document);
  parsed->operation = validation::choose_operation(parsed->document, std::string(operation_name), error);
  if (!parsed->operation) {
    errors.push_back(std::move(error));
    return nullptr;
  }
  parsed->row_counts = compile::row_count_variables(parsed->document);
  validation::ValidationLimits validation_limits;
  validation_limits.max_depth = pg::settings().max_depth;
  validation_limits.max_aliases = static_cast<std::size_t>(pg::settings().max_aliases);
  validation_limits.max_fields = static_cast<std::size_t>(pg::settings().max_nodes);
  validation_limits.lenient = pg::settings().hasura_lenient_validation;
  errors = validation::validate(*schema, parsed->document, validation_limits);
  return errors.empty() ? parsed : nullptr;
}

} // namespace

compile::Options compile_options() { return {pg::settings().max_rows, pg::settings().stringify_numerics}; }

PreparedStatement::~PreparedStatement() {
  if (plan) SPI_freeplan(plan);
}

std::shared_ptr<Prepared> ParsedDocument::prepare(const validation::Variables &variables, GraphQLError &error) {
  const std::string shape = compile::shape_of(*schema, *operation, variables, row_counts);
  auto found = std::find_if(by_shape.begin(), by_shape.end(), [&](const auto &entry) { return entry.first == shape; });
  if (found != by_shape.end()) {
    std::rotate(by_shape.begin(), found, found + 1);
    return by_shape.front().second;
  }
  std::optional<compile::Plan> plan = compile::compile(*schema, document, *operation, variables, error, compile_options());
  if (!plan) return nullptr;
  auto prepared = std::make_shared<Prepared>();
  prepared->plan = std::move(*plan);
  prepared->query = std::make_unique<PreparedStatement>(prepared->plan.query);
  for (const compile::Change &change : prepared->plan.changes) {
    prepared->changes.push_back(std::make_unique<PreparedStatement>(change.change));
    prepared->answers.push_back(std::make_unique<PreparedStatement>(change.answer));
    auto &steps = prepared->steps.emplace_back();
    for (const compile::InsertStep &step : change.steps) steps.push_back(std::make_unique<PreparedStep>(step));
  }
  by_shape.insert(by_shape.begin(), {shape, prepared});
  if (by_shape.size() > most_shapes) by_shape.pop_back();
  return prepared;
}

std::shared_ptr<ParsedDocument> parsed_document(std::uint32_t role, const std::shared_ptr<const schema::Schema> &schema,
                                                std::string_view query, std::string_view operation_name, Errors &errors) {
  const pg::Settings &settings = pg::settings();
  std::string key = std::to_string(role);
  for (const int number :
       {settings.max_depth, settings.max_aliases, settings.max_nodes, settings.max_rows, int{settings.stringify_numerics},
        int{settings.hasura_lenient_validation}, int{settings.use_backend_only_permissions}})
    key += " " + std::to_string(number);
  key += " " + std::string(operation_name) + "\n" + std::string(query);
  Cache &kept = cache();
  auto found = kept.by_key.find(key);
  if (found != kept.by_key.end() && found->second->second->schema == schema) {
    kept.entries.splice(kept.entries.begin(), kept.entries, found->second);
    return found->second->second;
  }
  std::shared_ptr<ParsedDocument> parsed = parse_document(schema, query, operation_name, errors);
  if (parsed && query.size() <= largest_kept) kept.add(std::move(key), parsed, static_cast<std::size_t>(settings.plan_cache_size));
  return parsed;
}

} // namespace gqlsvl::graphql::execute
