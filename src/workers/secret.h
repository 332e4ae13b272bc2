// Settings whose value is a secret: as it stands, file:PATH, or secret:NAME (gqlsvl.set_secret of this database).
//
// In:  the setting's name and value. Out: the secret; Error 22023 when the file or the secret cannot be read, or belongs to a role that is
//   no superuser (whoever may set secrets must not become the one who signs tokens).
// Always: no error holds a part of a value. A file is read once per call: at start and at each reload of the configuration.
#pragma once
#include <string>

namespace gqlsvl::workers {

// Outside a transaction: secret:NAME opens one. A relative PATH starts at the data directory.
std::string secret_setting(const char *setting, const char *value);

} // namespace gqlsvl::workers
