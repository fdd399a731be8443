core_libcore_a_SOURCES += \
	core/model/between.c core/model/between.h \
	core/model/entity.c core/model/entity.h \
	core/model/identity.c core/model/identity.h \
	core/model/natural.c core/model/natural.h \
	core/model/normal.c core/model/normal.h \
	core/model/put_back.c core/model/put_back.h \
	core/model/ref_change.c core/model/ref_change.h \
	core/model/refs.c core/model/refs.h \
	core/model/secrets.c core/model/secrets.h \
	core/model/smart.c core/model/smart.h \
	core/model/vector.c core/model/vector.h \
	core/model/words.c core/model/words.h
