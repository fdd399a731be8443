core_libcore_a_SOURCES += \
	core/base/buf.c core/base/buf.h \
	core/base/error.c core/base/error.h \
	core/base/file.c core/base/file.h \
	core/base/hash.c core/base/hash.h \
	core/base/ini.c core/base/ini.h \
	core/base/json.c core/base/json.h \
	core/base/json_check.c core/base/json_check.h \
	core/base/json_schema.c core/base/json_schema.h \
	core/base/json_schema_compile.c core/base/json_schema_compile.h \
	core/base/json_edit.c core/base/json_edit.h \
	core/base/key_file.c \
	core/base/members.c core/base/members.h \
	core/base/scan.c core/base/scan.h \
	core/base/sign.c core/base/sign.h core/base/sign_internal.h \
	core/base/spool.c \
	core/base/text.c core/base/text.h
