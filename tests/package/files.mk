# Packages made field by field; the test of lines needs a server.
TESTS += tests/package/package.sh tests/package/flips.sh
check_PROGRAMS += tests/package/flips
tests_package_flips_LDADD = $(CORE_LIBS)
EXTRA_DIST += \
	tests/integration/test_json_verdict.py \
	tests/package/flips.sh \
	tests/package/hostile.py \
	tests/package/lib.py \
	tests/package/package.sh \
	tests/package/test_flips.py \
	tests/package/test_hostile.py \
	tests/package/zips.py
