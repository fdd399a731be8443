core_libcore_a_SOURCES += \
	core/store/dir.c core/store/store.h
