core_libcore_a_SOURCES += \
	core/store/aws.c core/store/aws.h \
	core/store/dir.c core/store/kind.h \
	core/store/net.c core/store/net.h \
	core/store/net_fail.c core/store/net_fail.h \
	core/store/s3.c core/store/s3.h \
	core/store/s3_error.c core/store/s3_error.h \
	core/store/s3_list.c \
	core/store/s3_place.c core/store/s3_place.h \
	core/store/s3_put.c \
	core/store/s3_sign.c core/store/s3_sign.h \
	core/store/store.c core/store/store.h \
	core/store/xml.c core/store/xml.h
