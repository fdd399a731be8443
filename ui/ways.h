/* The two ways, as data: their steps, and what the screens that both have say on each. */
#ifndef SP_UI_WAYS_H
#define SP_UI_WAYS_H

#include "ui/keys.h"
#include "ui/ui.h"

#define SP_STEPS 6

/* Texts are untranslated. */
typedef struct {
	const char *name;
	sp_screen_id steps[SP_STEPS];
	/* where an instance is chosen: the question, what Enter does (with its name), what it means
	 * that it has no store */
	const char *which_instance, *take_instance, *no_store;
	/* the same line by line, and the explanation */
	const char *asks_instance, *about_instances;
	/* about the command that does the same: before it is done, and then */
	const char *command_asks, *command_again;
} sp_way_about;

extern const sp_way_about sp_ways[SP_WAYS];

/* The number of the step that a screen belongs to, from 1; 0: none. */
int sp_way_step(sp_way way, sp_screen_id screen);
/* The step so many after (before) that of a screen; home where there is none. */
sp_screen_id sp_way_from(sp_way way, sp_screen_id screen, int by);

#endif
