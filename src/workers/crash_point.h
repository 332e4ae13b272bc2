// Places where a test can end a delivery worker, as kill -9 would: what a crash there repeats is counted (test/t/events_crash_points.pl).
//
// In:  a file gqlsvl_crash_at.NAME in the data directory, which is removed first: each file is one crash. Out: no return, or nothing.
// Always: compiled into the tests' own gqlsvl_worker.so only (make test-modules); .ci/check-exports looks for it in the other one.
#pragma once

#ifdef GQLSVL_CRASH_POINTS
#include <csignal>
#include <string>

#include <unistd.h>
#endif

namespace gqlsvl::workers {

#ifdef GQLSVL_CRASH_POINTS
inline void crash_point(const char *name) {
  if (unlink(("gqlsvl_crash_at." + std::string(name)).c_str()) == 0) kill(getpid(), SIGKILL); // the process is in the data directory
}
#else
constexpr void crash_point(const char *) {}
#endif

} // namespace gqlsvl::workers
