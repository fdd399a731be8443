/* Counts the rows of an entry while its bytes pass. */
#ifndef SP_PACKAGE_ROWS_H
#define SP_PACKAGE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { SP_ROWS_NONE, SP_ROWS_LINES, SP_ROWS_DOCUMENT } sp_rows_form;

typedef struct {
	sp_rows_form form;
	int64_t rows;
	char last;                                        /* byte */
	uint64_t depth;                                   /* of brackets */
	bool is_array, is_other, in_text, escaped, fresh; /* fresh: an item may begin */
} sp_row_counter;

/* The form follows from the path: a line each in *.jsonl; in *.json the items
 * of the outermost array; other entries have none. */
void sp_rows_begin(sp_row_counter *counter, const char *path);
void sp_rows_add(sp_row_counter *counter, const char *data, size_t len);
/* -1: an entry without rows that can be told, such as a JSON object. Whether
 * the text is JSON isn't checked. */
int64_t sp_rows_end(const sp_row_counter *counter);

#endif
