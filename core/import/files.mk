core_libcore_a_SOURCES += \
	core/import/staging.c core/import/staging.h \
	core/import/typed.c core/import/typed.h
SQL_FILES += \
	core/import/sql/bad_rows.sql
