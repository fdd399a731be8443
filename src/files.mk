# The program but for main() is a library, so that tests and the maker of the
# man page can link it.
noinst_LIBRARIES += src/libcli.a
src_libcli_a_SOURCES = \
	src/cli.c src/cli.h \
	src/asked.c src/asked.h \
	src/cmd_compat.c src/cmd_decide.c src/cmd_doctor.c src/cmd_export.c src/cmd_help.c \
	src/cmd_import.c src/cmd_inspect.c src/cmd_instances.c src/cmd_keygen.c src/cmd_list.c \
	src/cmd_make_run.c src/cmd_operations.c src/cmd_setup.c src/cmd_validate.c src/cmd_verify.c \
	src/cmd_wizard.c src/commands.h \
	src/findings.c src/findings.h \
	src/help.c \
	src/instance.c src/instance.h \
	src/keys.c src/keys.h \
	src/options.c \
	src/progress.c \
	src/show.c src/show.h \
	src/show_plan.c src/show_plan.h \
	src/signals.c \
	src/table.c
CLI_LIBS = src/libcli.a $(UI_LIBS)

bin_PROGRAMS += src/spaceport
src_spaceport_SOURCES = src/main.c
src_spaceport_LDADD = $(CLI_LIBS)

noinst_PROGRAMS += src/mkman
src_mkman_SOURCES = src/mkman.c
src_mkman_LDADD = $(CLI_LIBS)

# A page for the program, and one a command.
MAN_PAGES = \
	doc/spaceport.1 \
	doc/spaceport-list-infospaces.1 \
	doc/spaceport-list-runs.1 \
	doc/spaceport-list-operations.1 \
	doc/spaceport-show.1 \
	doc/spaceport-setup.1 \
	doc/spaceport-export-run.1 \
	doc/spaceport-import.1 \
	doc/spaceport-plan.1 \
	doc/spaceport-decide.1 \
	doc/spaceport-apply.1 \
	doc/spaceport-verify.1 \
	doc/spaceport-roundtrip-run.1 \
	doc/spaceport-inspect.1 \
	doc/spaceport-make-run.1 \
	doc/spaceport-validate.1 \
	doc/spaceport-compat.1 \
	doc/spaceport-describe.1 \
	doc/spaceport-keygen.1 \
	doc/spaceport-instances-list.1 \
	doc/spaceport-instances-add.1 \
	doc/spaceport-instances-test.1 \
	doc/spaceport-instances-remove.1 \
	doc/spaceport-doctor.1 \
	doc/spaceport-help.1
nodist_man1_MANS += $(MAN_PAGES)
CLEANFILES += $(MAN_PAGES)
$(MAN_PAGES): src/mkman$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) doc && src/mkman$(EXEEXT) $(@F) >$@-t && mv $@-t $@

noinst_PROGRAMS += src/mkcomplete
src_mkcomplete_SOURCES = src/mkcomplete.c
src_mkcomplete_LDADD = $(CLI_LIBS)

# bash looks there for a file with the command's name.
completionsdir = $(datadir)/bash-completion/completions
nodist_completions_DATA = src/completions/spaceport
EXTRA_DIST += src/completion.bash
CLEANFILES += src/completions/spaceport
src/completions/spaceport: src/mkcomplete$(EXEEXT) src/completion.bash
	$(AM_V_GEN)$(MKDIR_P) src/completions && { src/mkcomplete$(EXEEXT) && \
		cat $(srcdir)/src/completion.bash; } >$@-t && mv $@-t $@
