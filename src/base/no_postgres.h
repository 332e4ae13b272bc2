// Included by every header that must not see Postgres: fails when postgres.h came first (its macros redefine printf, Min, Max ...).
#pragma once
#ifdef POSTGRES_H
#error "a server-free header was included after postgres.h: include Postgres last"
#endif
