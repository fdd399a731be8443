core_libcore_a_SOURCES += \
	core/staging/contract.c core/staging/contract.h \
	core/staging/justified.c core/staging/justified.h \
	core/staging/line.c core/staging/line.h \
	core/staging/shape.c core/staging/shape.h \
	core/staging/staging.c core/staging/staging.h \
	core/staging/sweep.c core/staging/sweep.h \
	core/staging/typed.c core/staging/typed.h \
	core/staging/vectors.c core/staging/vectors.h
SQL_FILES += \
	core/staging/sql/bad_rows.sql \
	core/staging/sql/staging_settings.sql \
	core/staging/sql/staging_tables.sql \
	core/staging/sql/stagings.sql
