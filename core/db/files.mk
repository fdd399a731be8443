core_libcore_a_SOURCES += \
	core/db/catalog.c core/db/catalog.h \
	core/db/connect.c \
	core/db/db.c core/db/db.h core/db/internal.h \
	core/db/own_schema.c core/db/own_schema.h \
	core/db/target.c core/db/target.h
SQL_FILES = \
	core/db/sql/catalog.sql \
	core/db/sql/home.sql \
	core/db/sql/make_aggregate.sql \
	core/db/sql/make_annotation.sql \
	core/db/sql/make_asset.sql \
	core/db/sql/make_bundle.sql \
	core/db/sql/make_bundle_link.sql \
	core/db/sql/make_chunk.sql \
	core/db/sql/make_columns.sql \
	core/db/sql/make_justification.sql \
	core/db/sql/make_layout.sql \
	core/db/sql/make_prepare.sql \
	core/db/sql/make_run.sql \
	core/db/sql/make_schema.sql \
	core/db/sql/make_schema_link.sql \
	core/db/sql/make_source.sql \
	core/db/sql/own_instance.sql \
	core/db/sql/own_schema.sql \
	core/db/sql/session.sql \
	core/db/sql/system.sql \
	core/db/sql/temporary.sql \
	core/db/sql/time_zone.sql
