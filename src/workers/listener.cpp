#include "pg/boundary.h"

extern "C" {
PG_MODULE_MAGIC;
}
