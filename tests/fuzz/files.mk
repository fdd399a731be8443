# Fuzz targets: programs that replay inputs, or, built by afl++'s compiler, that
# afl-fuzz runs. scripts/fuzz does all that is to be done with them.
FUZZ_DRIVER = tests/fuzz/driver.c tests/fuzz/driver.h
FUZZ_TARGETS = tests/fuzz/fuzz_zip tests/fuzz/fuzz_manifest tests/fuzz/fuzz_lines tests/fuzz/fuzz_options
check_PROGRAMS += $(FUZZ_TARGETS)
tests_fuzz_fuzz_zip_SOURCES = tests/fuzz/zip.c tests/fuzz/validate.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_zip_LDADD = $(CORE_LIBS)
tests_fuzz_fuzz_manifest_SOURCES = tests/fuzz/manifest.c tests/fuzz/validate.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_manifest_LDADD = $(CORE_LIBS)
tests_fuzz_fuzz_lines_SOURCES = tests/fuzz/lines.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_lines_LDADD = $(CORE_LIBS)
tests_fuzz_fuzz_options_SOURCES = tests/fuzz/options.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_options_LDADD = $(CLI_LIBS)

fuzz-targets: $(BUILT_SOURCES)
	$(MAKE) $(AM_MAKEFLAGS) $(FUZZ_TARGETS)
.PHONY: fuzz-targets

TESTS += tests/fuzz/replay.sh
EXTRA_DIST += \
	tests/fuzz/corpus \
	tests/fuzz/json.dict \
	tests/fuzz/options.dict \
	tests/fuzz/replay.sh \
	tests/fuzz/seeds.py \
	tests/fuzz/zip.dict
