# The wizard; core and ui know nothing of src.
noinst_LIBRARIES += ui/libui.a
ui_libui_a_SOURCES = \
	ui/answers.c ui/answers.h \
	ui/asking.c \
	ui/canvas.c ui/canvas.h \
	ui/choosing.c \
	ui/draft.c ui/draft.h \
	ui/drafts.c ui/drafts.h \
	ui/draw.c \
	ui/dry_run.c ui/dry_run.h \
	ui/form.c ui/form.h \
	ui/input.c ui/input.h \
	ui/frame.c ui/frame.h ui/front.h \
	ui/keys.c ui/keys.h \
	ui/kinds.c ui/kinds.h \
	ui/layout.c ui/layout.h \
	ui/list.c ui/list.h \
	ui/plain.c ui/plain.h \
	ui/plain_export.c \
	ui/plain_import.c \
	ui/request.c ui/request.h \
	ui/request_import.c ui/requests.h \
	ui/running.c ui/running.h \
	ui/screen_checks.c \
	ui/screen_details.c \
	ui/screen_dry_run.c \
	ui/screen_help.c \
	ui/screen_home.c \
	ui/screen_import.c \
	ui/screen_imported.c \
	ui/screen_infospaces.c \
	ui/screen_instances.c \
	ui/screen_options.c \
	ui/screen_packages.c \
	ui/screen_preview.c \
	ui/screen_progress.c \
	ui/screen_question.c \
	ui/screen_result.c \
	ui/screen_runs.c \
	ui/screen_settings.c \
	ui/screens.h \
	ui/term.c ui/term.h \
	ui/theme.c ui/theme.h \
	ui/ui.c ui/ui.h \
	ui/ways.c ui/ways.h \
	ui/wizard.c ui/wizard.h \
	ui/words.c ui/words.h \
	ui/work.c ui/work.h
UI_LIBS = ui/libui.a $(CORE_LIBS) $(CURSES_LIBS)
