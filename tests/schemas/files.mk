# The validator of JSON Schemas beside others.
check_PROGRAMS += tests/schemas/tool
tests_schemas_tool_SOURCES = tests/schemas/tool.c
tests_schemas_tool_LDADD = $(CORE_LIBS)
EXTRA_DIST += \
	tests/schemas/mutate.py \
	tests/schemas/others.py \
	tests/schemas/test_schemas.py
