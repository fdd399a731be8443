#include <config.h>

#include "core/package/rows.h"

#include <string.h>

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

void sp_rows_begin(sp_row_counter *counter, const char *path)
{
	*counter = (sp_row_counter){ .last = '\n' };
	if (ends_with(path, ".jsonl"))
		counter->form = SP_ROWS_LINES;
	else if (ends_with(path, ".json"))
		counter->form = SP_ROWS_DOCUMENT;
}

static void add_lines(sp_row_counter *counter, const char *data, size_t len)
{
	const char *end = data + len;

	while ((data = memchr(data, '\n', (size_t)(end - data)))) {
		counter->rows++;
		data++;
	}
	counter->last = end[-1];
}

/* A byte outside texts. */
static void add_byte(sp_row_counter *counter, char c)
{
	if (c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ':')
		return;
	if (c == ']' || c == '}') {
		counter->depth -= counter->depth > 0;
		return;
	}
	if (c == ',') {
		counter->fresh = counter->depth == 1;
		return;
	}
	if (counter->depth == 0 && !counter->is_array) {
		counter->is_array = c == '[' && !counter->is_other;
		counter->is_other = !counter->is_array;
	} else if (counter->depth == 1 && counter->is_array && counter->fresh) {
		counter->rows++;
	}
	counter->fresh = false;
	if (c == '[' || c == '{')
		counter->fresh = ++counter->depth == 1;
	counter->in_text = c == '"';
}

static void add_document(sp_row_counter *counter, const char *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (!counter->in_text) {
			add_byte(counter, data[i]);
		} else if (counter->escaped) {
			counter->escaped = false;
		} else if (data[i] == '\\') {
			counter->escaped = true;
		} else if (data[i] == '"') {
			counter->in_text = false;
		}
	}
}

void sp_rows_add(sp_row_counter *counter, const char *data, size_t len)
{
	if (!len)
		return;
	if (counter->form == SP_ROWS_LINES)
		add_lines(counter, data, len);
	else if (counter->form == SP_ROWS_DOCUMENT)
		add_document(counter, data, len);
}

int64_t sp_rows_end(const sp_row_counter *counter)
{
	if (counter->form == SP_ROWS_NONE ||
	    (counter->form == SP_ROWS_DOCUMENT && !counter->is_array))
		return -1;
	/* a last line without its end counts */
	return counter->rows + (counter->last != '\n');
}
