# spikesweep: one Makefile for everything. `make help` lists the targets.
#
#   MODE=release (default), debug or asan: each has its own folder in build/
#   V=1 shows the commands; BUILD=FOLDER builds there
#   MPICC=mpicc.mpich, HDF5_PREFIX=FOLDER, BLIS_PREFIX ... : see docs/install.md
#   CC=aarch64-linux-gnu-gcc or another compiler builds for its machine

MODE ?= release
BUILD := build/$(MODE)
MPICC ?= mpicc
CC := gcc
# The binutils of the compiler's machine: aarch64-linux-gnu-objcopy.
tool = $(or $(patsubst %-gcc,%-$(1),$(filter %-gcc,$(CC))),$(1))
OBJCOPY := $(call tool,objcopy)
AR := $(call tool,ar)
Q := $(if $(V),,@)

pkg = $(shell pkg-config $(1) 2>/dev/null)
# What MPI's compiler would call: Open MPI, MPICH and its kin answer alike.
mpi_cflags = $(patsubst -I%,-isystem %,$(filter -I% -D%,$(shell $(1) -show 2>/dev/null)))
mpi_libs = $(filter -L% -l% -Wl% -pthread %.a %.so,$(shell $(1) -show 2>/dev/null))
MPI_CFLAGS ?= $(call mpi_cflags,$(MPICC))
MPI_LIBS ?= $(call mpi_libs,$(MPICC))
# A library at a place of its own: $(1)_PREFIX/include, and lib or lib64, which
# the program remembers.
prefix_cflags = $(patsubst %,-isystem %/include,$($(1)_PREFIX))
prefix_libs = $(if $($(1)_PREFIX),$(foreach lib,$(wildcard $($(1)_PREFIX)/lib $($(1)_PREFIX)/lib64),-L$(lib) -Wl,-rpath,$(lib)))
HDF5_CFLAGS ?= $(if $(HDF5_PREFIX),$(call prefix_cflags,HDF5),$(patsubst -I%,-isystem %,$(call pkg,--cflags hdf5-serial)))
# Dimension scales are in the high-level library, for which there is no .pc file.
HDF5_LIBS ?= $(if $(HDF5_PREFIX),$(call prefix_libs,HDF5) -lhdf5_hl -lhdf5,$(or \
    $(patsubst -lhdf5,-lhdf5_hl -lhdf5,$(call pkg,--libs hdf5-serial)),-lhdf5_hl -lhdf5))
LIBCONFIG_CFLAGS ?= $(call prefix_cflags,LIBCONFIG)
LIBCONFIG_LIBS ?= $(if $(LIBCONFIG_PREFIX),$(call prefix_libs,LIBCONFIG) -lconfig,$(or $(call pkg,--libs libconfig),-lconfig))
# Debian has no .pc file for BLIS; its headers lie in a folder of their own.
BLIS_CFLAGS ?= $(patsubst %,-isystem %,$(firstword $(if $(BLIS_PREFIX), \
    $(wildcard $(BLIS_PREFIX)/include/blis) $(BLIS_PREFIX)/include,$(wildcard /usr/include/*/blis /usr/include/blis))))
BLIS_LIBS ?= $(call prefix_libs,BLIS) -lblis
ZLIB_CFLAGS ?= $(call prefix_cflags,ZLIB)
ZLIB_LIBS ?= $(call prefix_libs,ZLIB) -lz
# These two are headers only.
XXHASH_CFLAGS ?= $(call prefix_cflags,XXHASH)
RANDOM123_CFLAGS ?= $(call prefix_cflags,RANDOM123)
CMOCKA_CFLAGS ?= $(call prefix_cflags,CMOCKA)
CMOCKA_LIBS ?= $(if $(CMOCKA_PREFIX),$(call prefix_libs,CMOCKA) -lcmocka,$(or $(call pkg,--libs cmocka),-lcmocka))

# Asked once, not at every link.
$(foreach lib,MPI HDF5 LIBCONFIG BLIS ZLIB CMOCKA,$(eval $(lib)_LIBS := $($(lib)_LIBS)))

# The engine's speed comes from the vector units. core/ is compiled for each of
# these instruction sets, everything else for every machine of the kind; a
# program holds itself once for each, and jobs/start.c starts the best that runs.
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
ENGINES_x86_64 := avx512 avx2 plain
ENGINES_aarch64 := neon
ENGINES := $(or $(ENGINES_$(MACHINE)),plain)
FLAGS_avx512 := -march=x86-64-v4
FLAGS_avx2 := -march=x86-64-v3

FLAGS_release := -O3 -g
FLAGS_debug := -O1 -g3
# By clang, which has not the same taste in warnings.
FLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
              -Wno-string-conversion -Wno-sign-conversion -Wno-unknown-pragmas
FLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
# -ffp-contract=fast lets the compiler use fused multiply-add, always in the
# same places of one build's engine; the order of sums stays as written.
CODE := -fno-math-errno -ffp-contract=fast $(if $(filter fuzz,$(MODE)),,-fstack-reuse=none) $(FLAGS_$(MODE)) $(EXTRA_CFLAGS)
CFLAGS := -std=c17 -D_GNU_SOURCE -I. $(WARNINGS) $(CODE)
FOREIGN := $(HDF5_CFLAGS) $(BLIS_CFLAGS) $(LIBCONFIG_CFLAGS) $(ZLIB_CFLAGS) $(XXHASH_CFLAGS) $(RANDOM123_CFLAGS) $(CMOCKA_CFLAGS)
LDLIBS = $(MPI_LIBS) $(HDF5_LIBS) $(BLIS_LIBS) $(LIBCONFIG_LIBS) $(ZLIB_LIBS) -lm
LDFLAGS := -fopenmp $(filter -fsanitize%,$(FLAGS_$(MODE)))

SOURCES := $(wildcard io/*.c sweep/*.c analysis/*.c)
ENGINE_SOURCES := $(wildcard core/*.c)
PROGRAM_SOURCES := $(filter-out jobs/start.c,$(wildcard jobs/*.c))
TEST_SOURCES := $(wildcard tests/test_*.c)
SCALE_SOURCES := $(wildcard tests/bench_scale*.c)
BENCH_SOURCES := $(filter-out $(SCALE_SOURCES),$(wildcard tests/bench_*.c))
MAKER_SOURCES := $(wildcard tests/make_*.c)
HELPER_SOURCES := $(filter-out $(TEST_SOURCES) $(BENCH_SOURCES) $(SCALE_SOURCES) $(MAKER_SOURCES),$(wildcard tests/*.c)) \
                  tests/bench_clock.c

CHAOS_SOURCES := $(filter-out tests/chaos/disk.c,$(wildcard tests/chaos/*.c))

objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIBRARY := $(BUILD)/libcommon.a
ENGINE_LIBRARIES := $(patsubst %,$(BUILD)/%/libengine.a,$(ENGINES))
START := $(BUILD)/jobs/start.o
PROGRAM := $(BUILD)/spikesweep
MPICH_PROGRAM := $(BUILD)/spikesweep-mpich
TESTS := $(patsubst tests/%.c,$(BUILD)/%,$(TEST_SOURCES))
# The engine's benchmark is one program, the sweep's at scale another.
BENCH := $(BUILD)/bench_engine
# One program a reader of foreign bytes (MODE=fuzz).
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz_%,$(filter-out tests/fuzz/fuzz.c tests/fuzz/twist.c,$(wildcard tests/fuzz/*.c)))
# What test scripts torment sweeps with.
CHAOS := $(BUILD)/chaos $(BUILD)/chaos_disk.so
SCALE := $(BUILD)/bench_scale
# Programs that make what test scripts work on.
MAKERS := $(patsubst tests/%.c,$(BUILD)/%,$(MAKER_SOURCES))

# What this build is, for the provenance in result files. Random123 is headers
# that do not tell their version; the package does.
quotes_off = $(subst ',,$(subst ",,$(1)))
RANDOM123 := $(shell dpkg-query -W -f '$${Version}' librandom123-dev 2>/dev/null || echo unknown)
PROVENANCE := -DBUILD_COMPILER='"$(shell $(CC) --version 2>/dev/null | head -n 1)"' \
              -DBUILD_FLAGS='"$(call quotes_off,$(strip $(CODE)))"' \
              -DBUILD_RANDOM123='"$(RANDOM123)"' \
              -DBUILD_REVISION='"$(shell git describe --always --dirty 2>/dev/null || echo unknown)"'
io/provenance.c.flags := $(PROVENANCE)
core/team.c.flags := -fopenmp
sweep/wire_mpi.c.flags := $(MPI_CFLAGS)
# Cells' identities hang on these numbers: the same on every machine.
io/experiment_draw.c.flags := -ffp-contract=off

.PHONY: all deps exchange-libraries demo check check-built check-long check-asan check-slurm check-fuzz check-aarch64 install uninstall fuzz fuzzers bench bench-peers bench-omega bench-growth bench-scale lint layers clean help tests always
.SECONDARY:

all: $(PROGRAM) ## build the program: build/release/spikesweep

$(BUILD)/%.o: %.c
	@mkdir -p $(dir $@)
	$(if $(Q),@echo "  CC $<")
	$(Q)$(CC) $(CFLAGS) $($<.flags) $(FOREIGN) -MMD -MP -c $< -o $@

# gcc 12 for aarch64 breaks off at some maxima of doubles (in
# vect_transform_reduction); tests are full of them and need no vectors.
ifeq ($(MACHINE),aarch64)
$(BUILD)/tests/%.o: CFLAGS += -fno-tree-loop-vectorize
endif

# The script for Slurm and the shell's completion, as texts of C.
jobs/submit_script.c.flags := -I$(BUILD)/jobs
jobs/manual_bash.c.flags := -I$(BUILD)/jobs
$(BUILD)/jobs/submit_script.o: $(BUILD)/jobs/submit_template.inc
$(BUILD)/jobs/submit_template.inc: jobs/submit.sbatch
$(BUILD)/jobs/manual_bash.o: $(BUILD)/jobs/completion.inc
$(BUILD)/jobs/completion.inc: jobs/completion.bash
$(BUILD)/jobs/%.inc:
	@mkdir -p $(dir $@)
	@sed 's/[\\"]/\\&/g; s/^/"/; s/$$/\\n"/' $< >$@

# Newer than the object only if something in it has changed.
$(BUILD)/io/provenance.o: $(BUILD)/provenance
$(BUILD)/provenance: export BUILT := $(PROVENANCE)
$(BUILD)/provenance: always
	@mkdir -p $(dir $@)
	@echo "$$BUILT" | cmp -s - $@ || echo "$$BUILT" >$@

$(LIBRARY): $(call objects,$(SOURCES))
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# $(1): an engine
define ENGINE_RULES
$(BUILD)/$(1)/%.o: %.c
	@mkdir -p $$(dir $$@)
	$$(if $$(Q),@echo "  CC $$< ($(1))")
	$$(Q)$$(CC) $$(CFLAGS) $$(FLAGS_$(1)) $$($$<.flags) $$(FOREIGN) -MMD -MP -c $$< -o $$@

$(BUILD)/$(1)/libengine.a: $(patsubst %.c,$(BUILD)/$(1)/%.o,$(ENGINE_SOURCES))
	$$(Q)rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach engine,$(ENGINES),$(eval $(call ENGINE_RULES,$(engine))))

# Tests that go by the engine's vectors are compiled with it, too.
LANES_TESTS := $(patsubst %.c,%,$(shell grep -l '"core/lanes.h"' $(TEST_SOURCES)))
$(foreach test,$(LANES_TESTS),$(eval $(test:tests/%=$(BUILD)/%): $(patsubst %,$(BUILD)/%/$(test).o,$(ENGINES))))

# Links a program out of objects and the libraries: for each engine one object
# of all of it, in which nothing has a name to the outside but its main. Where
# there is an object of the engine's own, it is taken.
own = $(filter $(BUILD)/$(1)/%,$(filter %.o,$^))
common = $(filter-out $(START) $(foreach engine,$(ENGINES),$(BUILD)/$(engine)/%) \
                      $(patsubst $(BUILD)/$(1)/%,$(BUILD)/%,$(call own,$(1))),$(filter %.o,$^))
# Tests are many, and what a debugger wants of each is most of it: MODE=debug
# keeps it.
strip_test = $(if $(filter $(BUILD)/test_%,$@),$(if $(filter release,$(MODE)),-Xlinker -S))
LINK = $(if $(Q),@echo "  LD $@" &&) $(foreach engine,$(ENGINES), \
	$(CC) -r -nostdlib $(strip_test) $(call common,$(engine)) $(call own,$(engine)) $(LIBRARY) \
	    $(BUILD)/$(engine)/libengine.a -o $@.$(engine).o && \
	$(OBJCOPY) --redefine-sym main=main_$(engine) --keep-global-symbol=main_$(engine) $@.$(engine).o &&) \
	$(CC) $(LDFLAGS) $(START) $(patsubst %,$@.%.o,$(ENGINES)) $(LDLIBS) -o $@ && \
	rm $(patsubst %,$@.%.o,$(ENGINES))

$(BUILD)/test_% $(BUILD)/make_%: LDLIBS += $(CMOCKA_LIBS)
$(BUILD)/test_%: $(BUILD)/tests/test_%.o $(call objects,$(HELPER_SOURCES)) $(LIBRARY) $(ENGINE_LIBRARIES) $(START)
	$(LINK)

$(BUILD)/make_%: $(BUILD)/tests/make_%.o $(call objects,$(HELPER_SOURCES)) $(LIBRARY) $(ENGINE_LIBRARIES) $(START)
	$(LINK)

$(BENCH): $(call objects,$(BENCH_SOURCES)) $(LIBRARY) $(ENGINE_LIBRARIES) $(START)
	$(LINK)

$(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/fuzz.o $(BUILD)/tests/fuzz/twist.o $(LIBRARY) $(BUILD)/plain/libengine.a
	$(if $(Q),@echo "  LD $@")
	$(Q)$(CC) -fopenmp -fsanitize=fuzzer,address,undefined $^ $(BUILD)/plain/libengine.a $(LDLIBS) -o $@

$(BUILD)/chaos: $(call objects,$(CHAOS_SOURCES)) $(LIBRARY) $(ENGINE_LIBRARIES) $(START)
	$(LINK)

$(BUILD)/chaos_disk.so: tests/chaos/disk.c
	@mkdir -p $(dir $@)
	$(if $(Q),@echo "  LD $@")
	$(Q)$(CC) -std=c17 -D_GNU_SOURCE $(WARNINGS) -O2 -shared -fPIC $< -ldl -o $@

$(SCALE): LDLIBS += $(CMOCKA_LIBS)
$(SCALE): $(call objects,$(SCALE_SOURCES)) $(call objects,$(HELPER_SOURCES)) $(LIBRARY) $(ENGINE_LIBRARIES) $(START)
	$(LINK)

$(PROGRAM): $(call objects,$(PROGRAM_SOURCES)) $(LIBRARY) $(ENGINE_LIBRARIES) $(START)
	$(LINK)

# The program with MPICH, of which but one file knows: for a test.
$(MPICH_PROGRAM): MPI_LIBS := $(call mpi_libs,mpicc.mpich)
$(MPICH_PROGRAM): $(BUILD)/mpich/wire_mpi.o $(call objects,$(PROGRAM_SOURCES)) $(LIBRARY) $(ENGINE_LIBRARIES) $(START)
	$(LINK)

$(BUILD)/mpich/wire_mpi.o: sweep/wire_mpi.c
	@mkdir -p $(dir $@)
	$(if $(Q),@echo "  CC $< (MPICH)")
	$(Q)$(CC) $(CFLAGS) $(call mpi_cflags,mpicc.mpich) $(FOREIGN) -MMD -MP -c $< -o $@

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)

tests: $(TESTS) $(MAKERS) $(BENCH) $(CHAOS) $(PROGRAM) $(if $(shell command -v mpicc.mpich),$(MPICH_PROGRAM)) ## build the tests without running them

# Scripts that are tests; each ends with "N passed, N failed, N skipped".
SCRIPTS := $(filter-out tests/lib.sh tests/analysis_lib.sh tests/sweep_lib.sh tests/slurm_lib.sh tests/lint.sh tests/layers.sh tests/run_all.sh tests/deps.sh \
             tests/aarch64.sh tests/slurm.sh \
             $(wildcard tests/bench_*.sh tests/long_*.sh),$(wildcard tests/*.sh))

# Unless -j tells otherwise.
ON_ALL_CORES = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

deps: ## install what is missing (apt-get), or say exactly what to load
	@bash tests/deps.sh

# Versions that tests/exchange.sh has passed with.
exchange-libraries: ## PyTorch, nir, snnTorch and Norse in build/exchange, for the tests of docs/exchange.md
	@bash tests/deps.sh exchange
	@[ -x build/exchange/bin/pip ] || /usr/bin/python3 -m venv --system-site-packages build/exchange
	@build/exchange/bin/pip install -q --no-deps nir==1.0.8 nirtorch==2.6 snntorch==1.0.0 norse==1.1.0

demo: deps ## a real sweep on Fashion-MNIST with a table and a report (4 minutes on 2 cores)
	@$(MAKE) --no-print-directory $(ON_ALL_CORES) all
	@bash jobs/demo.sh $(PROGRAM)

check: deps ## build with warnings as errors, run all tests (10 minutes at most)
	@bash tests/deps.sh check
	@$(MAKE) --no-print-directory $(ON_ALL_CORES) check-built

# Tests of core/ alone run on every engine that this machine can run, all others
# on the best of them; so is the plain twin, which is slow and has no engine.
ENGINE_TESTS := $(patsubst tests/%.c,$(BUILD)/%,$(filter-out tests/test_plain.c,$(shell grep -LE \
                    '^.include "((io|sweep|analysis|jobs)/|tests/(scratch|data_scene|results_stage|store_stage)\.h)' $(TEST_SOURCES))))
runnable = $(foreach engine,$(ENGINES),$(if $(shell SPIKESWEEP_ENGINE=$(engine) $(PROGRAM) --version 2>/dev/null),$(engine)))
other_engines = $(wordlist 2,$(words $(runnable)),$(runnable))

check-built: lint layers tests
	$(Q)SPIKESWEEP=$(PROGRAM) bash tests/run_all.sh $(TESTS) \
	    $(foreach engine,$(other_engines),$(addprefix $(engine):,$(ENGINE_TESTS))) $(SCRIPTS)

check-long: deps ## many more kills, ranks on real data, long fuzzing (25 minutes)
	@$(MAKE) --no-print-directory tests
	$(Q)SPIKESWEEP=$(PROGRAM) bash tests/run_all.sh $(wildcard tests/long_*.sh)

bench: deps ## the engine's speed by kinds of work, the sweep's overhead, 2 ranks (a minute or two)
	@$(MAKE) --no-print-directory $(BENCH) $(PROGRAM)
	$(Q)CIFAR10="$(CIFAR10)" $(BENCH)
	@echo
	$(Q)SPIKESWEEP=$(PROGRAM) bash tests/bench_overhead.sh
	@echo
	$(Q)SPIKESWEEP=$(PROGRAM) bash tests/bench_ranks.sh

bench-peers: deps ## side by side with SpikingJelly: SPIKINGJELLY=FOLDER [CIFAR10=FOLDER] [CASES="b d"]
	@$(MAKE) --no-print-directory $(BENCH) $(PROGRAM)
	$(Q)SPIKINGJELLY="$(SPIKINGJELLY)" CIFAR10="$(CIFAR10)" CASES="$(CASES)" \
	    bash tests/bench_peers.sh $(BENCH) $(PROGRAM)

bench-omega: deps ## how fast attacks are on networks of different Omega (5 minutes)
	@$(MAKE) --no-print-directory $(PROGRAM)
	$(Q)bash tests/bench_omega.sh $(PROGRAM)

bench-scale: deps ## the coordinator at a million tasks, over MPI, and with 10,000 simulated ranks (15 minutes)
	@$(MAKE) --no-print-directory $(SCALE)
	$(Q)$(SCALE) tasks 1000000
	$(Q)OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -n 3 $(SCALE) mpi 50000
	$(Q)$(SCALE) ranks 10000
	$(Q)$(SCALE) pack 12000

bench-growth: deps ## how time and memory grow over T, batch, width, images, cells, ranks (5 minutes)
	@$(MAKE) --no-print-directory $(BENCH) $(PROGRAM)
	$(Q)bash tests/bench_growth.sh $(BENCH) $(PROGRAM) $(BUILD)/growth

check-asan: deps ## all tests with the address and undefined-behaviour sanitizers
	@ASAN_OPTIONS=detect_leaks=0 $(MAKE) --no-print-directory MODE=asan check-built

# Compiled by clang, with one engine: what is fuzzed has no speed to lose.
fuzz: deps ## fuzz the readers of foreign bytes with libFuzzer: [FUZZ_S=SECONDS] [NAMES="experiment idx"]
	@bash tests/deps.sh fuzz
	@$(MAKE) --no-print-directory $(ON_ALL_CORES) $(BUILD)/make_fuzz_seeds
	@$(MAKE) --no-print-directory $(ON_ALL_CORES) MODE=fuzz CC=clang ENGINES=plain fuzzers
	@FUZZ_S=$(FUZZ_S) bash tests/fuzz/run.sh $(patsubst %/$(MODE),%/fuzz,$(BUILD)) $(BUILD)/make_fuzz_seeds $(NAMES)
fuzzers: $(FUZZERS)
check-fuzz: ## every program of make fuzz for a few seconds (5 minutes, most of it clang's)
	@$(MAKE) --no-print-directory fuzz FUZZ_S=3

check-slurm: $(PROGRAM) ## sweeps under a real Slurm of three nodes on this machine (root; 5 minutes)
	@bash tests/deps.sh slurm
	$(Q)SPIKESWEEP=$(PROGRAM) bash tests/run_all.sh tests/slurm.sh

check-aarch64: ## build for aarch64, run the unit tests under qemu-user (an hour on 2 cores)
	@bash tests/aarch64.sh

lint: ## sizes of files and functions
	@bash tests/lint.sh

layers: ## includes point down only
	@bash tests/layers.sh

export MPICC HDF5_PREFIX BLIS_PREFIX LIBCONFIG_PREFIX ZLIB_PREFIX XXHASH_PREFIX RANDOM123_PREFIX CMOCKA_PREFIX
export PREFIX DESTDIR BINDIR MANDIR DATADIR DOCDIR COMPLETIONDIR MODULEDIR MODULES
install: all ## program, manual page, completion, module file, documents: [PREFIX=/usr/local] [DESTDIR=]
	$(Q)bash jobs/packaging/install.sh install $(PROGRAM)

uninstall: ## take away what was installed with the same PREFIX and DESTDIR
	$(Q)bash jobs/packaging/install.sh uninstall

clean: ## delete build/
	rm -rf build

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22
