core_libcore_a_SOURCES += \
	core/testrun/files.c core/testrun/internal.h \
	core/testrun/rows.c \
	core/testrun/testrun.c core/testrun/testrun.h
