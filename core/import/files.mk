core_libcore_a_SOURCES += \
	core/import/begin.c \
	core/import/files.c core/import/files.h \
	core/import/import.c core/import/import.h core/import/internal.h \
	core/import/into.c core/import/into.h \
	core/import/merge.c core/import/merge.h \
	core/import/options.c \
	core/import/prepare.c \
	core/import/record.c core/import/record.h \
	core/import/verify.c core/import/write.c
SQL_FILES += \
	core/import/sql/import_lease.sql \
	core/import/sql/import_of_plan.sql \
	core/import/sql/import_running.sql
