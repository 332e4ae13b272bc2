#include "workers/delivery_destination.h"

#include "events/store/statement.h"

#include "pg/settings.h"

namespace gqlsvl::workers {

namespace {

// One row for each trigger and each secret that it may name and perhaps does; null names where it names none.
constexpr char owned_names[] = R"(
  SELECT t.id, r.rolsuper, s.name, s.value
  FROM gqlsvl.trigger t JOIN pg_roles r ON r.oid = t.owner::oid
  LEFT JOIN LATERAL (
    SELECT s.name, v.value FROM gqlsvl.secret s JOIN gqlsvl.secret_value v ON v.name = s.name
    WHERE pg_has_role(t.owner::oid, s.owner::oid, 'USAGE') AND strpos(concat_ws(' ', t.webhook, t.headers, t.signing_secret), s.name) > 0
  ) s ON true)";

} // namespace

Destinations::Destinations() {
  static events::Statement *statement = new events::Statement(owned_names); // for the life of the process, as its plan
  for (auto &row : statement->run()) {
    Owned &owned = owned_[std::stoi(*row[0])];
    owned.superuser = *row[1] == "t";
    if (row[2]) owned.secrets[*row[2]] = *row[3];
  }
}

outbound::Destination Destinations::of(const events::TriggerDefinition &trigger) const {
  const Owned nothing; // an owner who is gone
  auto found = owned_.find(trigger.id);
  const Owned &owned = found == owned_.end() ? nothing : found->second;
  const pg::Settings &settings = pg::settings();
  outbound::Names names;
  names.superuser = owned.superuser;
  names.secret = [&owned](const std::string &name) {
    auto secret = owned.secrets.find(name);
    return secret == owned.secrets.end() ? std::nullopt : std::optional(secret->second);
  };
  names.environment = outbound::environment_for(owned.superuser, settings.env_allow);
  names.lambda_allow = settings.lambda_allow;
  return outbound::destination_of(trigger.webhook, outbound::parse_headers(trigger.headers), trigger.signing_secret, names);
}

} // namespace gqlsvl::workers
