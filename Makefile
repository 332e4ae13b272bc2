# gqlsvl: two libraries from one source tree.
#   make                 builds gqlsvl.so, gqlsvl_worker.so and the install script
#   make install         installs them into the server that PG_CONFIG belongs to
#   make installcheck    pg_regress: sql/ against expected/ (needs a running server that preloads gqlsvl)
# The source lists below are the only ones; CMakeLists.txt reads sources.mk too.
EXTENSION = gqlsvl
EXTVERSION = 0.1.0
all:
include sources.mk

SCRIPT = $(EXTENSION)--$(EXTVERSION).sql
DATA_built = $(SCRIPT)
REGRESS = $(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql)))
REGRESS_OPTS = --inputdir=. --outputdir=build/regress --load-extension=gqlsvl
EXTRA_CLEAN = build/obj gqlsvl.so gqlsvl_worker.so $(SCRIPT)

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
override with_llvm = no
include $(PGXS)

# Own rules: PGXS builds one module of C files; here are two of C++.
OBJ = build/obj
INCLUDES = -Isrc -isystem $(shell $(PG_CONFIG) --includedir-server) -isystem $(shell $(PG_CONFIG) --includedir)
FLAGS = -std=c++20 -g -O2 -fPIC -fvisibility=hidden -fvisibility-inlines-hidden -fno-strict-aliasing -fwrapv \
  -fno-semantic-interposition -Wall -Wextra -Werror=return-type -Wno-unused-parameter -Wno-missing-field-initializers \
  -D_GNU_SOURCE -DPGDLLEXPORT='__attribute__((visibility("default")))' -DGQLSVL_VERSION='"$(EXTVERSION)"' $(GQLSVL_CXXFLAGS)
MAIN_OBJS = $(MAIN_SOURCES:src/%.cpp=$(OBJ)/%.o)
WORKER_OBJS = $(WORKER_SOURCES:src/%.cpp=$(OBJ)/%.o)

all: gqlsvl.so gqlsvl_worker.so

# -z,defs is impossible (symbols come from the server); -Bsymbolic keeps two copies of base/ apart.
LINK = $(CXX) -shared -Wl,--version-script=exports.map -Wl,-Bsymbolic -Wl,-z,relro -Wl,-z,now -Wl,--as-needed -o $@

gqlsvl.so: $(MAIN_OBJS)
	$(LINK) $^ $(MAIN_LIBS)

gqlsvl_worker.so: $(WORKER_OBJS)
	$(LINK) $^ $(WORKER_LIBS)

$(OBJ)/%.o: src/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(FLAGS) $(INCLUDES) -MMD -MP -c -o $@ $<

-include $(MAIN_OBJS:.o=.d) $(WORKER_OBJS:.o=.d)

$(SCRIPT): $(SQL_SOURCES) sources.mk
	cat $(SQL_SOURCES) > $@

install: install-libraries
install-libraries: gqlsvl.so gqlsvl_worker.so
	$(MKDIR_P) '$(DESTDIR)$(pkglibdir)'
	$(INSTALL_SHLIB) gqlsvl.so gqlsvl_worker.so '$(DESTDIR)$(pkglibdir)/'
uninstall: uninstall-libraries
uninstall-libraries:
	rm -f '$(DESTDIR)$(pkglibdir)/gqlsvl.so' '$(DESTDIR)$(pkglibdir)/gqlsvl_worker.so'
.PHONY: install-libraries uninstall-libraries

# Modules of tests only; installed into the private server by scripts/test, never by `make install`.
TEST_MODULES = $(foreach name,boundary signal ring,build/obj/gqlsvl_$(name)_test.so)
test-modules: $(TEST_MODULES) build/obj/crash_points/gqlsvl_worker.so
build/obj/gqlsvl_boundary_test.so: test/modules/boundary_test.cpp $(OBJ)/pg/boundary.o
	$(CXX) $(FLAGS) $(INCLUDES) -shared -Wl,--version-script=exports.map -Wl,-Bsymbolic -o $@ $^
build/obj/gqlsvl_signal_test.so: test/modules/signal_test.cpp $(foreach part,pg/boundary pg/settings workers/shared workers/signal,$(OBJ)/$(part).o)
	$(CXX) $(FLAGS) $(INCLUDES) -shared -Wl,--version-script=exports.map -Wl,-Bsymbolic -o $@ $^
build/obj/gqlsvl_ring_test.so: test/modules/ring_test.cpp $(foreach part,base/json pg/boundary pg/settings workers/shared workers/signal workers/ring workers/message workers/lane workers/ring_backend,$(OBJ)/$(part).o)
	$(CXX) $(FLAGS) $(INCLUDES) -shared -Wl,--version-script=exports.map -Wl,-Bsymbolic -o $@ $^
# The worker library with src/workers/crash_point.h: a cluster loads it by dynamic_library_path.
CRASH_OBJS = $(foreach part,delivery_worker delivery_queue,$(OBJ)/crash_points/$(part).o)
$(OBJ)/crash_points/%.o: src/workers/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(FLAGS) -DGQLSVL_CRASH_POINTS $(INCLUDES) -MMD -MP -c -o $@ $<
$(OBJ)/crash_points/gqlsvl_worker.so: $(filter-out $(CRASH_OBJS:$(OBJ)/crash_points/%=$(OBJ)/workers/%),$(WORKER_OBJS)) $(CRASH_OBJS)
	$(LINK) $^ $(WORKER_LIBS)
-include $(CRASH_OBJS:.o=.d)
install-test-modules: test-modules
	$(INSTALL_SHLIB) $(TEST_MODULES) '$(DESTDIR)$(pkglibdir)/'
	$(MKDIR_P) '$(DESTDIR)$(pkglibdir)/crash_points'
	$(INSTALL_SHLIB) $(OBJ)/crash_points/gqlsvl_worker.so '$(DESTDIR)$(pkglibdir)/crash_points/'
.PHONY: test-modules install-test-modules
