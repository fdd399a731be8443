/* A line that is typed: UTF-8 text, a cursor between its characters. */
#ifndef SP_UI_INPUT_H
#define SP_UI_INPUT_H

#include "ui/canvas.h"

/* Longer input is dropped. */
#define SP_INPUT_MOST 1000

typedef struct {
	char text[SP_INPUT_MOST + 8];
	size_t at; /* bytes before the cursor */
} sp_input;

/* Sets the text (NULL: empty; cut where too long) and the cursor to its end. */
void sp_input_set(sp_input *field, const char *text);
/* A key of ui/keys.h or a character; true where the field took it. */
bool sp_input_key(sp_input *field, int key);
/* Draws it with the cursor in sight. */
void sp_input_draw(const sp_input *field, sp_canvas *canvas, int x, int y, int width);

#endif
