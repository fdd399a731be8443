core_libcore_a_SOURCES += \
	core/import/files.c core/import/files.h \
	core/import/merge.c core/import/merge.h \
	core/import/record.c core/import/record.h
