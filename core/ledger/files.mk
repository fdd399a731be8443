core_libcore_a_SOURCES += \
	core/ledger/ledger.c core/ledger/ledger.h \
	core/ledger/local.c core/ledger/local.h \
	core/ledger/operation.c core/ledger/operation.h \
	core/ledger/operations.c core/ledger/operations.h
SQL_FILES += \
	core/ledger/sql/ledger_begin.sql \
	core/ledger/sql/ledger_begin_import.sql \
	core/ledger/sql/ledger_derive.sql \
	core/ledger/sql/ledger_end.sql \
	core/ledger/sql/ledger_end_import.sql \
	core/ledger/sql/ledger_grant.sql \
	core/ledger/sql/ledger_is_done.sql \
	core/ledger/sql/ledger_list.sql \
	core/ledger/sql/ledger_lock.sql \
	core/ledger/sql/ledger_lost.sql \
	core/ledger/sql/ledger_may_import.sql \
	core/ledger/sql/ledger_may_write.sql \
	core/ledger/sql/ledger_open.sql \
	core/ledger/sql/ledger_step_1.sql \
	core/ledger/sql/ledger_step_2.sql \
	core/ledger/sql/ledger_tick.sql
