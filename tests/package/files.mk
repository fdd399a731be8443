EXTRA_DIST += \
	tests/package/hostile.py \
	tests/package/lib.py \
	tests/package/test_hostile.py \
	tests/package/zips.py
