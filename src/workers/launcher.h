// The launcher: finds the databases that have the extension, and keeps their workers running.
//
// In:  requests in shared memory (CREATE/DROP EXTENSION, CREATE DATABASE, holds), the end of workers, the settings.
// Out: worker processes, all BGW_NEVER_RESTART: only this process starts them again, after a pause that doubles from 1 s to 60 s.
// Always: started by the postmaster (the only static worker). A missing symbol, a missing slot, a database that refuses: a log line and a
//   pause, never a spin. Connected to no database, so it is in no command's way. Knows from shared memory what an earlier launcher began.
#pragma once
#include "workers/shared.h"

namespace gqlsvl::workers {

void register_launcher(); // in _PG_init when preloaded

} // namespace gqlsvl::workers
