
# Stages packages, for tests/integration/test_staging.py.
check_PROGRAMS += tests/import/tool
tests_import_tool_SOURCES = tests/import/tool.c
tests_import_tool_LDADD = $(CORE_LIBS)
