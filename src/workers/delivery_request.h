// One attempt to deliver an event, as a request.
//
// In:  the event, its trigger and where that sends to, the AWS account. Out: a request for outbound::Client, shaped by the trigger's
//   transform and signed; Error when it cannot be made (no AWS credentials or region; what the transform raised; 54000: a body that Lambda
//   never takes), which counts as a failed attempt. Outside a transaction: a transform opens one.
// Body and headers: exactly Hasura v2's (its event triggers); the id is the same on every attempt.
#pragma once
#include "events/store/event.h"
#include "outbound/destination.h"
#include "workers/delivery_aws.h"

namespace gqlsvl::workers {

std::string event_uuid(std::uint64_t txid, std::int64_t id); // as gqlsvl.event_uuid
std::int64_t wall_ms();                                      // since the epoch
// How long a scheduled event has to wait: below 0, it is late. 0 for others.
std::int64_t wait_of(const events::StoredEvent &event, std::int64_t now_ms);
std::string webhook_body(const events::StoredEvent &event, const events::TriggerDefinition &trigger);
outbound::Request request_for(const events::StoredEvent &event, const events::TriggerDefinition &trigger,
                              const outbound::Destination &destination, const AwsAccount &aws, std::int64_t now_seconds);

} // namespace gqlsvl::workers
