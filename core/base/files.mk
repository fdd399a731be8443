core_libcore_a_SOURCES += \
	core/base/buf.c core/base/buf.h \
	core/base/error.c core/base/error.h
