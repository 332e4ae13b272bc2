# The source lists, one pattern per folder (style: folders follow the data flow).
# Read by make (Makefile) and by CMake (CMakeLists.txt).

# Linked into both libraries: no state of their own (shared state is in shared memory or behind a rendezvous variable).
SHARED_WORKERS := $(foreach part,shared signal message ring,src/workers/$(part).cpp)
NETWORK_WORKERS := $(wildcard src/workers/listener*.cpp src/workers/delivery*.cpp) $(foreach part,lane ring_backend secret,src/workers/$(part).cpp)
COMMON_SOURCES := $(sort $(wildcard src/base/*.cpp src/pg/*.cpp) $(SHARED_WORKERS))

# gqlsvl.so: preloaded. Hooks, capture, resolve, launcher, executors. Links nothing of the network.
MAIN_WORKERS := $(filter-out $(SHARED_WORKERS) $(NETWORK_WORKERS),$(wildcard src/workers/*.cpp))
MAIN_SOURCES := $(sort $(COMMON_SOURCES) src/gqlsvl.cpp $(MAIN_WORKERS) \
  $(wildcard src/catalog/*.cpp src/graphql/*/*.cpp src/events/*.cpp src/events/store/*.cpp) \
  $(foreach part,digest target destination webhook_signature,src/outbound/$(part).cpp))
MAIN_LIBS := -lcrypto

# gqlsvl_worker.so: loaded by the listener and the delivery workers only.
WORKER_SOURCES := $(sort $(COMMON_SOURCES) $(NETWORK_WORKERS) \
  $(wildcard src/outbound/*.cpp src/server/*.cpp src/server/io/*.cpp src/live/*.cpp src/events/store/*.cpp))
WORKER_LIBS := -lcurl -lwebsockets -luv -lssl -lcrypto

# Never see Postgres's headers: also built by CMake into a library for unit tests, fuzzers and sanitizers.
PURE_SOURCES := $(sort $(wildcard src/base/*.cpp src/graphql/language/*.cpp src/graphql/schema/*.cpp \
  src/graphql/validation/*.cpp src/graphql/compile/*.cpp src/outbound/*.cpp src/live/*.cpp src/server/*.cpp) src/workers/message.cpp \
  src/events/cron_schedule.cpp $(foreach part,breaker lanes loop_detector pending rate_limit retry_policy snapshot,src/events/store/$(part).cpp))

# The install script, joined in the order of the names: src/sql/10_....sql first.
SQL_SOURCES := $(sort $(wildcard src/sql/*.sql))

# For CMake: make -s -f sources.mk print-MAIN_SOURCES
print-%: ; @echo $($*)
