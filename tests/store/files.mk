# What tests of stores need beside a server: see the head of each source.
check_PROGRAMS += tests/store/tool
tests_store_tool_SOURCES = tests/store/tool.c
tests_store_tool_LDADD = $(CORE_LIBS)
