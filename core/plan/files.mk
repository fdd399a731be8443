core_libcore_a_SOURCES += \
	core/plan/about.c core/plan/about.h \
	core/plan/after.c core/plan/after.h \
	core/plan/circle.c core/plan/circle.h \
	core/plan/compat.c core/plan/compat.h \
	core/plan/decide.c core/plan/decide.h \
	core/plan/decided.c core/plan/decided.h \
	core/plan/differ.c core/plan/differ.h \
	core/plan/fate.c core/plan/fate.h \
	core/plan/fields.c core/plan/fields.h \
	core/plan/fit.c core/plan/fit.h \
	core/plan/links.c core/plan/links.h \
	core/plan/marks.c core/plan/marks.h \
	core/plan/match.c core/plan/match.h \
	core/plan/objects.c core/plan/objects.h \
	core/plan/out.c core/plan/out.h \
	core/plan/people.c core/plan/people.h \
	core/plan/plan.c core/plan/plan.h \
	core/plan/plan_file.c core/plan/plan_file.h \
	core/plan/repeat.c core/plan/repeat.h \
	core/plan/resolve.c core/plan/resolve.h \
	core/plan/seals.c core/plan/seals.h \
	core/plan/sides.c core/plan/sides.h \
	core/plan/summary.c core/plan/summary.h \
	core/plan/target.c core/plan/target.h \
	core/plan/target_file.c \
	core/plan/unique.c core/plan/unique.h \
	core/plan/uuids.c core/plan/uuids.h \
	core/plan/words.c core/plan/words.h
SQL_FILES += \
	core/plan/sql/fields.sql \
	core/plan/sql/grows.sql \
	core/plan/sql/target_columns.sql \
	core/plan/sql/target_labels.sql \
	core/plan/sql/target_rights.sql \
	core/plan/sql/tight.sql \
	core/plan/sql/unique_keys.sql
