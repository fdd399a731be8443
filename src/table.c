#include <config.h>

#include "src/show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"

/* Columns between two columns, and what is left of the narrowest. */
#define GAP 2
#define NARROWEST 8

typedef struct {
	char *title; /* translated; NULL: none */
	bool right;
	int width;
} column;

struct sp_listing {
	column *columns;
	int count;
	char **cells;
	size_t used, room;
	bool failed; /* no memory */
};

sp_listing *sp_listing_create(int columns)
{
	sp_listing *table = calloc(1, sizeof *table);

	if (!table)
		return NULL;
	table->count = columns;
	table->columns = calloc((size_t)columns, sizeof *table->columns);
	if (table->columns)
		return table;
	free(table);
	return NULL;
}

static void widen(column *column, const char *text)
{
	int width = sp_text_width(text);

	if (width > column->width)
		column->width = width;
}

void sp_listing_head(sp_listing *table, int column, const char *title, bool right)
{
	if (!table || column < 0 || column >= table->count)
		return;
	free(table->columns[column].title);
	table->columns[column].title = strdup(_(title));
	table->columns[column].right = right;
	if (table->columns[column].title)
		widen(&table->columns[column], table->columns[column].title);
	else
		table->failed = true;
}

void sp_listing_cell(sp_listing *table, const char *text)
{
	sp_buf safe = { 0 };

	if (!table || table->failed)
		return;
	if (table->used == table->room) {
		size_t room = table->room ? table->room * 2 : 64;
		char **cells = reallocarray(table->cells, room, sizeof *cells);

		if (!cells) {
			table->failed = true;
			return;
		}
		table->cells = cells;
		table->room = room;
	}
	sp_buf_adds(&safe, "");
	sp_safe_text(&safe, text ? text : "", text ? strlen(text) : 0);
	table->cells[table->used] = sp_buf_take(&safe);
	if (!table->cells[table->used]) {
		table->failed = true;
		return;
	}
	widen(&table->columns[table->used % (size_t)table->count], table->cells[table->used]);
	table->used++;
}

void sp_listing_take(sp_listing *table, sp_buf *text)
{
	if (table && text->failed)
		table->failed = true;
	sp_listing_cell(table, sp_buf_text(text));
	sp_buf_free(text);
}

/* Takes columns from the widest until a row fits, as far as that goes. */
static void fit(const sp_listing *table, int *widths, int room)
{
	int total = GAP * (table->count - 1);

	for (int i = 0; i < table->count; i++)
		total += widths[i];
	while (total > room) {
		int widest = 0;

		for (int i = 1; i < table->count; i++)
			if (widths[i] >= widths[widest])
				widest = i;
		if (widths[widest] <= NARROWEST)
			return;
		widths[widest]--;
		total--;
	}
}

static void add_cell(sp_buf *line, const char *text, int width, bool right, bool last)
{
	int space = right ? width - sp_text_width(text) : 0;

	for (; space > 0; space--)
		sp_buf_addc(line, ' ');
	sp_text_fit(line, text, width, !right && !last);
	if (!last)
		sp_buf_addf(line, "%*s", GAP, "");
}

static void add_row(sp_buf *lines, const sp_listing *table, const int *widths, char **cells)
{
	for (int i = 0; i < table->count; i++) {
		const column *c = &table->columns[i];
		int width = c->right && sp_text_width(cells ? cells[i] : "") > widths[i]
		                ? sp_text_width(cells[i]) : widths[i];
		const char *text = cells ? cells[i] : c->title ? c->title : "";

		add_cell(lines, text, width, c->right, i == table->count - 1);
	}
	sp_buf_addc(lines, '\n');
}

static void add_rows(sp_buf *lines, const sp_listing *table, const int *widths)
{
	bool titled = false;

	for (int i = 0; i < table->count; i++)
		titled = titled || table->columns[i].title;
	if (titled)
		add_row(lines, table, widths, NULL);
	for (size_t i = 0; i + (size_t)table->count <= table->used; i += (size_t)table->count)
		add_row(lines, table, widths, table->cells + i);
}

bool sp_listing_print(const sp_listing *table, FILE *to, sp_error *err)
{
	int *widths = NULL, room = sp_terminal_width(to);
	sp_buf lines = { 0 };
	bool ok = false;

	if (!table || table->failed)
		return sp_fail_memory(err);
	widths = calloc((size_t)table->count, sizeof *widths);
	if (!widths)
		return sp_fail_memory(err);
	for (int i = 0; i < table->count; i++)
		widths[i] = table->columns[i].width;
	if (room > 0)
		fit(table, widths, room);
	add_rows(&lines, table, widths);
	if (lines.failed)
		sp_fail_memory(err);
	else if (fwrite(lines.data, 1, lines.len, to) != lines.len)
		sp_fail_errno(err, errno, N_("can't write the table"));
	else
		ok = true;
	sp_buf_free(&lines);
	free(widths);
	return ok;
}

void sp_listing_free(sp_listing *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->used; i++)
		free(table->cells[i]);
	for (int i = 0; i < table->count; i++)
		free(table->columns[i].title);
	free(table->cells);
	free(table->columns);
	free(table);
}
