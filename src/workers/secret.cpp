#include "workers/secret.h"

#include "base/error.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pg/transaction.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/builtins.h"
}

namespace gqlsvl::workers {

using pg::call;

namespace {

constexpr std::size_t largest_file = 1024 * 1024;

[[noreturn]] void refuse_file(const char *setting, const std::string &path, const std::string &why) {
  throw Error(sqlstate::invalid_parameter, std::string(setting) + " names a file that cannot be read",
              "File \"" + path + "\": " + why + '.',
              "The server's user needs the right to read it; it is an ordinary file of 1 byte to 1 MB.");
}

class File {
public:
  // Not to be held up by a pipe without a writer.
  explicit File(const std::string &path) : descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (descriptor >= 0) close(descriptor);
  }
  File(const File &) = delete;
  const int descriptor;
};

// Less the newline at its end, which editors and echo add.
std::string content_of(const char *setting, const std::string &path) {
  File file(path);
  struct stat found;
  if (file.descriptor < 0 || fstat(file.descriptor, &found) != 0) refuse_file(setting, path, strerrordesc_np(errno));
  if (!S_ISREG(found.st_mode)) refuse_file(setting, path, "it is not an ordinary file");
  std::string content(largest_file + 1, '\0');
  std::size_t bytes = 0;
  for (;;) {
    ssize_t now = read(file.descriptor, content.data() + bytes, content.size() - bytes);
    if (now < 0 && errno != EINTR) refuse_file(setting, path, strerrordesc_np(errno));
    if (now == 0) break;
    if (now > 0) bytes += static_cast<std::size_t>(now);
    if (bytes > largest_file) refuse_file(setting, path, "it is larger than 1 MB");
  }
  content.resize(bytes);
  while (!content.empty() && (content.back() == '\n' || content.back() == '\r')) content.pop_back();
  if (content.empty()) refuse_file(setting, path, "it is empty");
  return content;
}

std::string stored(const char *setting, const std::string &name) {
  std::string value;
  bool has_value = false, of_superuser = false;
  pg::Transaction transaction;
  pg::Spi spi;
  call([&] {
    Oid type = TEXTOID;
    Datum parameter = CStringGetTextDatum(name.c_str());
    if (SPI_execute_with_args("SELECT v.value, r.rolsuper FROM gqlsvl.secret_value v JOIN gqlsvl.secret s "
                              "ON s.name OPERATOR(pg_catalog.=) v.name JOIN pg_catalog.pg_roles r "
                              "ON r.oid OPERATOR(pg_catalog.=) s.owner::pg_catalog.oid WHERE s.name OPERATOR(pg_catalog.=) $1",
                              1, &type, &parameter, nullptr, true, 1) != SPI_OK_SELECT)
      elog(ERROR, "a secret could not be looked up");
  });
  if ((has_value = SPI_processed == 1)) {
    bool is_null;
    of_superuser = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &is_null));
    value = call([] { return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1); });
  }
  spi.finish();
  transaction.commit();
  if (!has_value)
    throw Error(sqlstate::invalid_parameter, std::string(setting) + " names the secret \"" + name + "\", which this database does not have",
                "Dumps do not carry the values of secrets.", "Call gqlsvl.set_secret as a superuser, then pg_reload_conf().");
  if (!of_superuser)
    throw Error(sqlstate::invalid_parameter,
                std::string(setting) + " names the secret \"" + name + "\", which does not belong to a superuser", {},
                "Drop it and call gqlsvl.set_secret as a superuser, then pg_reload_conf().");
  return value;
}

} // namespace

std::string secret_setting(const char *setting, const char *value) {
  std::string text = value ? value : "";
  if (text.starts_with("file:")) return content_of(setting, text.substr(5));
  if (text.starts_with("secret:")) return stored(setting, text.substr(7));
  return text;
}

} // namespace gqlsvl::workers
