# Fuzzing, included by the Makefile. Every tests/fuzz/fuzz_NAME.c is an entry; its seeds are tests/fuzz/corpus/NAME/,
# its words tests/fuzz/NAME.dict.
# SPDX-License-Identifier: MIT
#
#   make fuzz        each entry for FUZZ_SECONDS with libFuzzer (clang); what is found goes to $(BUILD)/fuzz/corpus
#   make check-fuzz  each seed once, with the compiler and the sanitizers of this build
#   FUZZ='number utf8' chooses entries

FUZZ_CC      ?= clang
FUZZ_SECONDS ?= 10
# entries called tls_NAME are of the TLS room, which a build can be without
FUZZ         ?= $(filter-out $(if $(TLS_SOURCES),,tls_%),\
	        $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_OBJECTS := $(patsubst %,$(BUILD)/tests/fuzz/fuzz_%.o,$(FUZZ))
FUZZ_LIMITS  := -timeout=5 -rss_limit_mb=2048 -max_len=4096 -verbosity=0 -print_final_stats=1
# the rooms: each entry pulls out of them what it calls; the sub-make of `fuzz` knows only these programs
FUZZ_ARCHIVES := $(ARCHIVES) $(if $(TLS_SOURCES),$(BUILD)/lib/tls.a)
FUZZ_ROOMS    = -Wl,--start-group $(FUZZ_ARCHIVES) -Wl,--end-group $(LIBS) $(if $(TLS_SOURCES),$(TLS_LIBS))

# The TLS room is no archive of the program's: a module, or objects linked as they are.
$(BUILD)/lib/tls.a: $(call objects,$(TLS_SOURCES))
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o $(FUZZ_ARCHIVES)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(FUZZ_ROOMS)

$(BUILD)/tests/fuzz/run_%: $(BUILD)/tests/fuzz/fuzz_%.o $(FUZZ_ARCHIVES)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(FUZZ_ROOMS)

fuzz:
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=$(FUZZ_CC) \
	    SANITIZE=fuzzer-no-link,address,undefined fuzz-run

fuzz-run: $(patsubst %,fuzz-run-%,$(FUZZ))

# libFuzzer adds what it finds to the first folder; the seeds in the tree are only read.
fuzz-run-%: $(BUILD)/tests/fuzz/run_%
	@mkdir -p $(BUILD)/corpus/$* $(BUILD)/found
	$(call say,FUZZ,'$* for $(FUZZ_SECONDS) s')
	$(Q)timeout $$(( $(FUZZ_SECONDS) + 60 )) $< $(FUZZ_LIMITS) -max_total_time=$(FUZZ_SECONDS) \
	    $(if $(wildcard tests/fuzz/$*.dict),-dict=tests/fuzz/$*.dict) -artifact_prefix=$(BUILD)/found/$*- \
	    $(BUILD)/corpus/$* $(wildcard tests/fuzz/corpus/$*) >$(BUILD)/found/$*.log 2>&1 || \
	    { cat $(BUILD)/found/$*.log; exit 1; }
	$(Q)sed -n 's/^stat::number_of_executed_units: */        executions: /p' $(BUILD)/found/$*.log

check: check-fuzz
check-fuzz: $(patsubst %,check-fuzz-%,$(FUZZ))

check-fuzz-%: $(BUILD)/tests/fuzz/replay_%
	$(Q)timeout 60 $< $(wildcard tests/fuzz/corpus/$*/*) >$<.log 2>&1 || { tail -n 40 $<.log; exit 1; }
	$(call say,SEEDS,'$*: $(words $(wildcard tests/fuzz/corpus/$*/*))')

.PHONY: fuzz fuzz-run check-fuzz
.SECONDARY: $(FUZZ_OBJECTS) $(BUILD)/tests/fuzz/replay.o $(patsubst %,$(BUILD)/tests/fuzz/run_%,$(FUZZ)) \
	    $(patsubst %,$(BUILD)/tests/fuzz/replay_%,$(FUZZ))
