core_libcore_a_SOURCES += \
	core/doctor/database.c \
	core/doctor/doctor.c core/doctor/doctor.h core/doctor/internal.h \
	core/doctor/here.c \
	core/doctor/network.c \
	core/doctor/reach.c core/doctor/reach.h
