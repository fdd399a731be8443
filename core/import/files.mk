core_libcore_a_SOURCES += \
	core/import/merge.c core/import/merge.h \
	core/import/record.c core/import/record.h
