core_libcore_a_SOURCES += core/access/access.c core/access/access.h
