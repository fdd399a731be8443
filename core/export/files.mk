core_libcore_a_SOURCES += \
	core/export/ahead.c core/export/ahead.h \
	core/export/blobs.c core/export/blobs.h \
	core/export/exclude.c core/export/exclude.h \
	core/export/export.c core/export/export.h core/export/internal.h \
	core/export/harvest.c core/export/harvest.h \
	core/export/justify.c core/export/justify.h \
	core/export/layout.c core/export/layout.h \
	core/export/mapping.c \
	core/export/names.c core/export/names.h \
	core/export/options.c core/export/options.h \
	core/export/pack.c core/export/pack.h \
	core/export/parts.c core/export/parts.h \
	core/export/pieces.c core/export/pieces.h \
	core/export/select.c core/export/select.h \
	core/export/target.c core/export/target.h \
	core/export/withhold.c core/export/withhold.h \
	core/export/words.c core/export/words.h \
	core/export/write.c core/export/write_files.c
