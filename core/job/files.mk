core_libcore_a_SOURCES += \
	core/job/job.c core/job/job.h
