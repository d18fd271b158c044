# sockutil - the only build file. `make help` lists the targets and the variables.
# SPDX-License-Identifier: MIT

VERSION  := 0.1.0
PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
LIBDIR   ?= $(PREFIX)/lib/sockutil
MANDIR   ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
DESTDIR  ?=

BUILD    ?= build
# module: a file beside the program, loaded on first use; builtin: linked in; 0: without TLS
TLS      ?= module
# 1: only POSIX, none of the Linux paths
PORTABLE ?= 0
WERROR   ?= 0
SANITIZE ?=
V        ?= 0

CC       ?= cc
CFLAGS   ?= -O2 -g
PKG_CONFIG ?= pkg-config

SYSTEM   := $(shell uname -s)
WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	    -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2
ifeq ($(WERROR),1)
WARNINGS += -Werror
endif
HARDEN   := -fstack-protector-strong -fPIC -fvisibility=hidden
SANFLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
ifeq ($(SANITIZE),)
HARDEN   += $(if $(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif
override CPPFLAGS += -Iinclude -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DSOCKUTIL_VERSION='"$(VERSION)"' \
	    -DSOCKUTIL_LIBDIR='"$(LIBDIR)"'
ALL_CFLAGS = -std=c17 $(WARNINGS) $(HARDEN) $(CFLAGS) $(SANFLAGS)
BANNED   := -include sockutil/base/banned.h
ALL_LDFLAGS = $(LDFLAGS) $(SANFLAGS) $(if $(filter Linux,$(SYSTEM)),-Wl$(comma)-z$(comma)relro -Wl$(comma)-z$(comma)now -Wl$(comma)--as-needed)
comma    := ,
LIBS     := -lev -lmd -lpthread $(if $(filter Linux,$(SYSTEM)),-ldl)

# --- which files are in: whole files, by name -------------------------------------------------
# *_linux.c and *_portable.c are two ways of doing the same; tls_load_*.c is chosen by TLS=
LINUX    := $(if $(filter 0,$(PORTABLE)),$(filter Linux,$(SYSTEM)))
ROOMS    := base proto net stream relay http connect serve get chat cli modes
SKIP     := $(if $(LINUX),%_portable.c,%_linux.c) \
	    $(filter-out %tls_load_$(if $(filter 0,$(TLS)),none,$(TLS)).c,\
	    %tls_load_module.c %tls_load_builtin.c %tls_load_none.c)
room_sources = $(filter-out $(SKIP),$(wildcard src/$(1)/*.c))
objects  = $(patsubst %.c,$(BUILD)/%.o,$(1))
TLS_SOURCES := $(if $(filter 0,$(TLS)),,$(filter-out $(SKIP),$(wildcard src/stream/tls/*.c)))
# what the module needs of the program: stateless pieces, compiled in twice
TLS_BORROWS := $(filter-out $(SKIP),$(wildcard src/base/failure.c src/base/buffer.c src/base/memory.c \
	    src/base/number.c src/base/clock.c src/base/utf8.c src/stream/stream.c))
ARCHIVES := $(foreach r,$(ROOMS),$(BUILD)/lib/$(r).a)
TLS_LIBS := -lssl -lcrypto

PROGRAM  := $(BUILD)/sockutil
MODULE   := $(if $(filter module,$(TLS)),$(BUILD)/sockutil-tls.so)

Q        := $(if $(filter 1,$(V)),,@)
say       = @$(if $(filter 1,$(V)),:,printf '  %-5s %s\n' $(1) $(2))

all: $(PROGRAM) $(MODULE)

# Objects are made anew when the way of making them changes.
CONFIG := $(CC) $(ALL_CFLAGS) $(CPPFLAGS) TLS=$(TLS) PORTABLE=$(PORTABLE)
$(shell mkdir -p $(BUILD); printf '%s\n' '$(subst ','\'',$(CONFIG))' | cmp -s - $(BUILD)/.config || \
	printf '%s\n' '$(subst ','\'',$(CONFIG))' >$(BUILD)/.config)

$(BUILD)/%.o: %.c $(BUILD)/.config
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(BANNED) $(CPPFLAGS) -MMD -MP -c -o $@ $<

define ROOM_ARCHIVE
$(BUILD)/lib/$(1).a: $(call objects,$(call room_sources,$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	$(Q)$(AR) rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call ROOM_ARCHIVE,$(r))))

$(PROGRAM): $(BUILD)/src/main.o $(ARCHIVES) $(if $(filter builtin,$(TLS)),$(call objects,$(TLS_SOURCES)))
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -pie -o $@ $(filter %.o,$^) -Wl,--start-group $(ARCHIVES) -Wl,--end-group \
	    $(LIBS) $(if $(filter builtin,$(TLS)),$(TLS_LIBS))

$(BUILD)/sockutil-tls.so: $(call objects,$(TLS_SOURCES) $(TLS_BORROWS))
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -shared -o $@ $^ $(TLS_LIBS)

# --- tests ------------------------------------------------------------------------------------
# A unit test program a room, linked with that room and the rooms above it in the table alone: a call into a
# later room does not link. ROOM=net runs one.
ROOM     ?= $(ROOMS)
lower_rooms = $(foreach r,$(ROOMS),$(if $(filter $(1),$(word 1,$(filter $(r) $(1),$(ROOMS)))),$(if $(filter $(r),$(1)),$(r)),$(r)))
UNIT_TESTS := $(foreach r,$(ROOM),$(if $(wildcard tests/unit/$(r)/*.c),$(BUILD)/tests/unit-$(r)))

# Without TLS there is nothing that its tests could link with.
unit_sources = $(wildcard tests/unit/$(1)/*.c $(if $(TLS_SOURCES),tests/unit/$(1)/tls/*.c))

# What helps tests: base_*.c is in every program, of the others each pulls out what it calls.
SUPPORT  := $(wildcard tests/unit/support/*.c)
$(BUILD)/tests/support.a: $(call objects,$(filter-out tests/unit/support/base_%,$(SUPPORT)))
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# whose tests need the TLS objects: its own room's, and where TLS is linked in everyone's who opens streams
TLS_TESTED := stream $(if $(filter builtin,$(TLS)),relay http connect serve get chat modes)

define UNIT_TEST
$(BUILD)/tests/unit-$(1): $(call objects,$(call unit_sources,$(1)) $(filter tests/unit/support/base_%,$(SUPPORT))) \
	    $(BUILD)/tests/support.a \
	    $(foreach r,$(call lower_rooms,$(1)),$(BUILD)/lib/$(r).a) \
	    $(if $(filter $(TLS_TESTED),$(1)),$(call objects,$(TLS_SOURCES)))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$(Q)$(CC) $$(ALL_CFLAGS) $$(ALL_LDFLAGS) -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group \
	    $$(LIBS) $(if $(filter $(TLS_TESTED),$(1)),$(if $(TLS_SOURCES),$(TLS_LIBS))) -lcriterion
endef
$(foreach r,$(ROOMS),$(eval $(call UNIT_TEST,$(r))))
$(BUILD)/tests/unit/%.o: BANNED :=
$(BUILD)/tests/unit/%.o: override CPPFLAGS += -Itests/unit/support
$(BUILD)/tests/unit/%.o: WARNINGS := -Wall -Wextra $(if $(filter 1,$(WERROR)),-Werror)

check: check-rules check-unit check-program check-interop

check-rules:
	$(Q)sh tests/rules/run

# what the tests run, for `make -j` ahead of a `check` whose parts must not disturb one another
tests: all $(UNIT_TESTS)

check-unit: $(UNIT_TESTS)
	$(Q)status=0; for t in $(UNIT_TESTS); do timeout 300 $$t --timeout 30 -j2 || status=1; done; exit $$status

PYTEST   ?= /usr/bin/python3 -m pytest -q -p no:cacheprovider
TEST_ENV  = SOCKUTIL=$(abspath $(PROGRAM)) SOCKUTIL_TLS=$(TLS) SOCKUTIL_PORTABLE=$(PORTABLE) SOCKUTIL_SANITIZE='$(SANITIZE)' \
	    PYTHONDONTWRITEBYTECODE=1
check-program: all
	$(Q)$(TEST_ENV) $(PYTEST) -n $${TEST_JOBS:-4} tests/program

check-interop: all
	$(Q)$(TEST_ENV) $(PYTEST) -n $${TEST_JOBS:-4} tests/interop

include $(wildcard tests/fuzz/fuzz.mk)

demo: all
	$(Q)sh packaging/demo $(PROGRAM)

bench: all
	$(Q)sh bench/run $(PROGRAM)

lint:
	$(Q)sh tests/rules/lint

completions: $(PROGRAM)
	$(Q)for s in bash zsh fish; do $(PROGRAM) help --completion $$s >completions/sockutil.$$s; done

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(BASHCOMPDIR) $(DESTDIR)$(ZSHCOMPDIR) $(DESTDIR)$(FISHCOMPDIR)
	install -m 755 $(PROGRAM) $(DESTDIR)$(BINDIR)/sockutil
	$(if $(MODULE),install -d $(DESTDIR)$(LIBDIR) && install -m 644 $(MODULE) $(DESTDIR)$(LIBDIR)/)
	$(PROGRAM) help --man >$(DESTDIR)$(MANDIR)/man1/sockutil.1
	install -m 644 completions/sockutil.bash $(DESTDIR)$(BASHCOMPDIR)/sockutil
	install -m 644 completions/sockutil.zsh $(DESTDIR)$(ZSHCOMPDIR)/_sockutil
	install -m 644 completions/sockutil.fish $(DESTDIR)$(FISHCOMPDIR)/sockutil.fish

dist:
	git archive --prefix=sockutil-$(VERSION)/ -o sockutil-$(VERSION).tar.gz HEAD

clean:
	rm -rf $(BUILD)

help:
	@echo 'make              build $(BUILD)/sockutil'
	@echo 'make check        every test (check-rules check-unit check-program check-interop)'
	@echo 'make tests        build the program and what its tests run'
	@echo 'make demo         the main job, shown on loopback'
	@echo 'make bench        side by side with the peers'
	@echo 'make fuzz         every fuzz entry for FUZZ_SECONDS (10) each; needs clang'
	@echo 'make lint         clang-format, clang-tidy, cppcheck, shellcheck'
	@echo 'make completions  write completions/ anew'
	@echo 'make install      DESTDIR PREFIX BINDIR LIBDIR MANDIR'
	@echo 'make dist clean'
	@echo 'BUILD=DIR TLS=module|builtin|0 PORTABLE=1 WERROR=1 SANITIZE=address,undefined V=1 CC=clang ROOM=net'

.PHONY: all tests check check-rules check-unit check-program check-interop demo bench lint completions install dist clean help
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
