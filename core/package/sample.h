/* A row, or the beginning of one, as people are shown it. */
#ifndef SP_PACKAGE_SAMPLE_H
#define SP_PACKAGE_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/json.h"

/* Columns of a row that are shown. */
#define SP_SAMPLE_COLUMNS 200

/*
 * Appends to the array `list` an object with each column of the row that `text`
 * holds: its value as a text (a JSON text's content, else the JSON without white
 * space), cut to `most` bytes with an ellipsis behind. Three asterisks stand for
 * what core/model/secrets.h knows as a secret: packages of others hold some. The
 * text may end before the row does. False: memory.
 */
bool sp_sample_row(const char *text, size_t len, size_t most, sp_json *list);

#endif
