# JSON Schemas of the files in a package. What several have in common stands in
# one file; those that are installed stand by themselves, and the program has
# its tables from them.
SCHEMAS = \
	schemas/run_metadata.json \
	schemas/configuration.json \
	schemas/target_assets.json \
	schemas/schema_links.json \
	schemas/aggregates.json \
	schemas/schemas.json \
	schemas/annotations.json \
	schemas/justifications.json \
	schemas/curations.json \
	schemas/edges.json \
	schemas/asset.json \
	schemas/bundle_links.json \
	schemas/chunks.json \
	schemas/embeddings.json \
	schemas/bundles.json \
	schemas/sources.json \
	schemas/graphs.json \
	schemas/canons.json \
	schemas/entities.json \
	schemas/flows.json \
	schemas/flow_executions.json \
	schemas/tasks.json \
	schemas/monitors.json \
	schemas/pipelines.json \
	schemas/embedding_models.json \
	schemas/dataset_metadata.json \
	schemas/instance_mapping.json \
	schemas/instance_mapping_lines.json \
	schemas/version_info.json \
	schemas/entries.json \
	schemas/manifest.json \
	schemas/target.json
COMMON_SCHEMA = $(srcdir)/doc/schemas/common.json
EXTRA_DIST += doc/schemas/common.json $(SCHEMAS:%=doc/%)

schemasdir = $(pkgdatadir)/schemas
nodist_schemas_DATA = $(SCHEMAS)
CLEANFILES += $(SCHEMAS)
$(SCHEMAS): src/mkschemas$(EXEEXT) $(SCHEMAS:%=doc/%) $(COMMON_SCHEMA)
	$(AM_V_GEN)$(MKDIR_P) schemas && \
		src/mkschemas$(EXEEXT) join $(COMMON_SCHEMA) $(srcdir)/doc/schemas/$(@F) >$@-t && \
		mv $@-t $@

BUILT_SOURCES += core/package/schema_tables.h
CLEANFILES += core/package/schema_tables.h
core/package/schema_tables.h: src/mkschemas$(EXEEXT) $(SCHEMAS)
	$(AM_V_GEN)$(MKDIR_P) core/package && src/mkschemas$(EXEEXT) tables $(SCHEMAS) >$@-t && \
		mv $@-t $@

# Built before the core is, from the little of it that takes.
noinst_PROGRAMS += src/mkschemas
src_mkschemas_SOURCES = src/mkschemas.c \
	core/base/buf.c core/base/error.c core/base/json.c core/base/json_schema_compile.c \
	core/base/text.c
src_mkschemas_LDADD = $(CJSON_LIBS) $(LTLIBINTL)
