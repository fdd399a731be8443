/* Options as a form: the same rows, keys and texts for whatever way they are of. */
#ifndef SP_UI_FORM_H
#define SP_UI_FORM_H

#include "ui/screens.h"

/* What a screen makes of it; functions may be NULL. */
typedef struct {
	sp_screen_id screen;
	const char *title, *right; /* of the list; untranslated, `right` NULL: none */
	/* Why an option can do nothing now; NULL: it can. */
	const char *(*hindrance)(const sp_wizard *w, const sp_asked *option);
	/* What stands behind a switch, and at the right of its line. */
	void (*content)(sp_wizard *w, const sp_asked *option, sp_buf *to);
	void (*effect)(sp_wizard *w, const sp_asked *option, bool on, sp_buf *to);
	/* A value was changed. */
	void (*changed)(sp_wizard *w, int option);
} sp_form;

void sp_form_load(sp_wizard *w, const sp_form *form);
void sp_form_model(sp_wizard *w, sp_model *model);
/* List and explanation; the rest of the frame is the screen's. */
void sp_form_draw(sp_wizard *w, const sp_form *form, const sp_frame *frame, sp_canvas *canvas);
bool sp_form_key(sp_wizard *w, const sp_form *form, sp_do does);
/* A value that was typed; where it can't be, it is said why. */
void sp_form_typed(sp_wizard *w, const sp_form *form, const char *text);

#endif
