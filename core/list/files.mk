core_libcore_a_SOURCES += core/list/details.c core/list/list.c core/list/list.h
