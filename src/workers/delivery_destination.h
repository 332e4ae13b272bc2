// Where a trigger's requests go, with everything that its definition names filled in.
//
// In:  definitions, gqlsvl.secret, settings, environment. Out: a Destination; Error (no value in it) when something named is not there or
//   not the owner's to use any more: his rights are those of now, not those at the time of create_trigger.
// Always: made inside a transaction and SPI.
#pragma once
#include "events/store/event.h"
#include "outbound/destination.h"

#include <map>

namespace gqlsvl::workers {

class Destinations {
public:
  Destinations(); // reads the secrets that definitions name
  outbound::Destination of(const events::TriggerDefinition &trigger) const;

private:
  struct Owned {
    bool superuser = false;
    std::map<std::string, std::string> secrets;
  };
  std::map<std::int32_t, Owned> owned_; // by trigger
};

} // namespace gqlsvl::workers
