core_libcore_a_SOURCES +=
