core_libcore_a_SOURCES += \
	core/package/inspect.c core/package/inspect.h \
	core/package/own_write.c core/package/own_write.h \
	core/package/rows.c core/package/rows.h \
	core/package/seen.c core/package/seen.h \
	core/package/zip_read.c core/package/zip_read.h \
	core/package/zip_write.c core/package/zip_write.h
