/* A line that is typed: UTF-8 text, a cursor between its characters. */
#ifndef SP_UI_FIELD_H
#define SP_UI_FIELD_H

#include "ui/canvas.h"

/* Longer input is dropped. */
#define SP_FIELD_MOST 1000

typedef struct {
	char text[SP_FIELD_MOST + 8];
	size_t at; /* bytes before the cursor */
} sp_field;

/* Sets the text (NULL: empty; cut where too long) and the cursor to its end. */
void sp_field_set(sp_field *field, const char *text);
/* A key of ui/keys.h or a character; true where the field took it. */
bool sp_field_key(sp_field *field, int key);
/* Draws it with the cursor in sight. */
void sp_field_draw(const sp_field *field, sp_canvas *canvas, int x, int y, int width);

#endif
