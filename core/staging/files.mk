core_libcore_a_SOURCES += \
	core/staging/staging.c core/staging/staging.h \
	core/staging/typed.c core/staging/typed.h
SQL_FILES += \
	core/staging/sql/bad_rows.sql
