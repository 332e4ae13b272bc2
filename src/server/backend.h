// What the server asks of the database side: "run this request as this session". The listener implements it over the ring in shared memory.
//
// In:  Call. Out: exactly one Outcome for each Call accepted, given to the callback from within Backend's own loop turn, never from
// submit(). Always: never blocks; a Call beyond the queue's bound is refused (submit returns false) and the server answers 503 / an error.
#pragma once
#include "live/topic.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gqlsvl::server {

// Who asks. Made by auth from a token, the admin secret or nothing.
struct Session {
  std::string role;            // database role the request runs as
  std::string claims;          // JSON object text: the token's claims (request.jwt.claims); "{}" when there is none
  std::string hasura_user;     // JSON object text: x-hasura-* session variables, lower-case keys, string values; always holds x-hasura-role
  bool admin = false;          // by the admin secret: the role may be BYPASSRLS if it is gqlsvl.admin_role
  std::int64_t expires_at = 0; // seconds since the epoch; 0: never
};

enum class CallKind {
  Execute,  // query or mutation, committed
  Evaluate, // a live query: read only, rolled back; the outcome names what it depends on
  Check,    // gqlsvl.check(): the outcome is a JSON array of its rows; session and document are not looked at
};

struct Call {
  std::uint64_t ticket = 0; // chosen by the caller, unique among calls under way
  CallKind kind = CallKind::Execute;
  Session session;
  std::string query, variables, operation_name; // variables: JSON object text or empty
  std::string document;                         // stands for the query, see GraphqlRequest
  bool read_only = false;                       // a mutation is refused
  std::uint64_t generation = 0;                 // Evaluate: the generation read before this call was submitted; comes back unchanged
};

struct Outcome {
  std::uint64_t ticket = 0, generation = 0;
  std::string json;                // the whole response: {"data":..} or {"errors":..}
  std::string subscription;        // Execute: the text of the document referred to, when the call failed for its being a subscription
  bool failed = false;             // json is an error response
  bool refresh_by_time = false;    // Evaluate: also depends on time, a volatile function or a foreign table
  std::vector<live::Topic> topics; // Evaluate: what the result depends on
};

class Backend {
public:
  using Done = std::function<void(Outcome)>;
  virtual ~Backend() = default;
  virtual bool submit(Call call, Done done) = 0;
  virtual void cancel(std::uint64_t ticket) = 0; // the outcome still comes (as an error)
};

} // namespace gqlsvl::server
