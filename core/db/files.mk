core_libcore_a_SOURCES += \
	core/db/catalog.c core/db/catalog.h \
	core/db/db.c core/db/db.h
SQL_FILES = \
	core/db/sql/catalog.sql \
	core/db/sql/home.sql \
	core/db/sql/session.sql \
	core/db/sql/system.sql \
	core/db/sql/temporary.sql \
	core/db/sql/time_zone.sql
