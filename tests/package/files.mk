# Packages made field by field; the test of lines needs a server.
TESTS += tests/package/package.sh
EXTRA_DIST += \
	tests/integration/test_json_verdict.py \
	tests/package/hostile.py \
	tests/package/lib.py \
	tests/package/package.sh \
	tests/package/test_foreign.py \
	tests/package/test_hostile.py \
	tests/package/zips.py
