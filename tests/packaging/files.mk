EXTRA_DIST += \
	tests/packaging/test_packaging.py
