#include <config.h>

#include "ui/ways.h"

#include "core/base/error.h"

const sp_way_about sp_ways[SP_WAYS] = {
	[SP_WAY_EXPORT] = {
		.name = N_("Export"),
		.steps = { SP_SCREEN_INSTANCES, SP_SCREEN_INFOSPACES, SP_SCREEN_RUNS, SP_SCREEN_OPTIONS,
		           SP_SCREEN_PREVIEW, SP_SCREEN_PROGRESS },
		.which_instance = N_("From which instance?"),
		.take_instance = N_("Enter: the infospaces of %s. It is only read."),
		.no_store = N_("no store: packages get no files (external)"),
		.asks_instance = N_("Question 1 of 6. From which instance?"),
		.about_instances = N_("Instances are named in instances.ini. They are only read."),
		.command_asks = N_("It shows what would be written, and asks before it writes."),
		.command_again = N_("It writes the same packages again, in place of these."),
	},
	[SP_WAY_IMPORT] = {
		.name = N_("Import"),
		.steps = { SP_SCREEN_PACKAGES, SP_SCREEN_INSTANCES, SP_SCREEN_TARGETS, SP_SCREEN_SETTINGS,
		           SP_SCREEN_DRY_RUN, SP_SCREEN_IMPORT },
		.which_instance = N_("Into which instance?"),
		.take_instance = N_("Enter: the infospaces of %s. Nothing is written yet."),
		.no_store = N_("no store: packages with files can't be imported"),
		.asks_instance = N_("Question 2 of 6. Into which instance?"),
		.about_instances = N_("Instances are named in instances.ini. Nothing is written yet."),
		.command_asks = N_("It shows what would be done, and asks before it writes."),
		.command_again = N_("It imports the package again; what is the same stays as it is."),
	},
};

/* Screens that show more of a step. */
static sp_screen_id step_under(sp_screen_id screen)
{
	switch (screen) {
	case SP_SCREEN_CHECKS: return SP_SCREEN_INSTANCES;
	case SP_SCREEN_DETAILS: return SP_SCREEN_RUNS;
	case SP_SCREEN_RESULT: return SP_SCREEN_PROGRESS;
	case SP_SCREEN_IMPORTED: return SP_SCREEN_IMPORT;
	default: return screen;
	}
}

int sp_way_step(sp_way way, sp_screen_id screen)
{
	screen = step_under(screen);
	for (int i = 0; i < SP_STEPS; i++)
		if (sp_ways[way].steps[i] == screen)
			return i + 1;
	return 0;
}

sp_screen_id sp_way_from(sp_way way, sp_screen_id screen, int by)
{
	int step = sp_way_step(way, screen), to = step + by;

	return step && to >= 1 && to <= SP_STEPS ? sp_ways[way].steps[to - 1] : SP_SCREEN_HOME;
}
