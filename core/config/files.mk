core_libcore_a_SOURCES += \
	core/config/instance.c core/config/instance.h \
	core/config/paths.c core/config/paths.h \
	core/config/profiles.c core/config/profiles.h
