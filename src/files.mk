# The program but for main() is a library, so that tests and the maker of the
# man page can link it.
noinst_LIBRARIES += src/libcli.a
src_libcli_a_SOURCES = \
	src/cmd_validate.c src/findings.c src/findings.h \
	src/cli.c src/cli.h \
	src/cmd_export.c src/cmd_help.c src/cmd_inspect.c src/cmd_list.c \
	src/cmd_make_run.c src/commands.h \
	src/help.c \
	src/options.c \
	src/progress.c \
	src/show.c src/show.h \
	src/signals.c \
	src/table.c \
	src/words.c src/words.h
CLI_LIBS = src/libcli.a $(CORE_LIBS)

bin_PROGRAMS += src/spaceport
src_spaceport_SOURCES = src/main.c
src_spaceport_LDADD = $(CLI_LIBS)

noinst_PROGRAMS += src/mkman
src_mkman_SOURCES = src/mkman.c
src_mkman_LDADD = $(CLI_LIBS)

nodist_man1_MANS += doc/spaceport.1
CLEANFILES += doc/spaceport.1
doc/spaceport.1: src/mkman$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) doc && src/mkman$(EXEEXT) >$@-t && mv $@-t $@
