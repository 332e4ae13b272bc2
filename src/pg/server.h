// Postgres's own headers, included last and always through this file.
#pragma once
extern "C" {
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/elog.h"
#include "utils/memutils.h"
}
// Macros of port.h that would rewrite std:: members.
#undef printf
#undef fprintf
#undef sprintf
#undef snprintf
#undef vsprintf
#undef vsnprintf
#undef vfprintf
#undef vprintf
#undef strerror
#undef strerror_r
#undef gettext
#undef dgettext
#undef ngettext
#undef dngettext
#undef bind
