core_libcore_a_SOURCES += \
	core/access/access.c core/access/access.h \
	core/access/space.c core/access/space.h
