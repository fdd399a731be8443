# Tests of what stands around the program; they need no database.
CLI_TESTS = tests/cli/completion.sh tests/cli/hardening.sh tests/cli/inspect.sh tests/cli/man.sh \
	tests/cli/po.sh tests/cli/program.sh
TESTS += $(CLI_TESTS)
EXTRA_DIST += $(CLI_TESTS)

# A translation for the tests, found there by language.
TEST_MO = tests/locale/de/LC_MESSAGES/spaceport.mo
check_DATA = $(TEST_MO)
CLEANFILES += $(TEST_MO)
$(TEST_MO): po/de.po
	$(AM_V_GEN)$(MKDIR_P) tests/locale/de/LC_MESSAGES && $(MSGFMT) -o $@ $(srcdir)/po/de.po
