core_libcore_a_SOURCES += \
	core/package/check.c core/package/check.h \
	core/package/compare.c core/package/internal.h \
	core/package/contents.c core/package/contents.h \
	core/package/document.c core/package/document.h \
	core/package/foreign.c core/package/foreign.h \
	core/package/format.c core/package/format.h \
	core/package/hq.c \
	core/package/inspect.c core/package/inspect.h \
	core/package/keys.c core/package/keys.h \
	core/package/links.c core/package/links.h \
	core/package/own.c \
	core/package/own_write.c core/package/own_write.h \
	core/package/places.c core/package/places.h \
	core/package/register.c core/package/register.h \
	core/package/row_check.c core/package/row_check.h \
	core/package/sample.c core/package/sample.h \
	core/package/schemas.c core/package/schemas.h \
	core/package/seen.c core/package/seen.h \
	core/package/signature.c core/package/signature.h \
	core/package/survey.c core/package/survey.h \
	core/package/take.c core/package/take.h \
	core/package/tree.c core/package/tree.h \
	core/package/universal.c \
	core/package/validate.c core/package/validate.h \
	core/package/versions.c core/package/versions.h \
	core/package/walk.c core/package/walk.h \
	core/package/zip_end.c core/package/zip_end.h \
	core/package/zip_extra.c core/package/zip_extra.h \
	core/package/zip_layout.h \
	core/package/zip_name.c core/package/zip_name.h \
	core/package/zip_read.c core/package/zip_read.h \
	core/package/zip_scan.c core/package/zip_scan.h \
	core/package/zip_write.c core/package/zip_write.h
