# What tests of stores need beside a server: see the head of each source.
check_PROGRAMS += tests/store/conform tests/store/tool
tests_store_conform_SOURCES = tests/store/conform.c
tests_store_conform_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_store_conform_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)
tests_store_tool_SOURCES = tests/store/tool.c
tests_store_tool_LDADD = $(CORE_LIBS)
EXTRA_DIST += tests/store/faulty.py tests/store/s3.py
