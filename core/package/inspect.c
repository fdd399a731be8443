#include <config.h>

#include "core/package/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/scan.h"
#include "core/model/entity.h"
#include "core/package/places.h"
#include "core/package/take.h"
#include "core/package/sample.h"
#include "core/package/tree.h"
#include "core/package/walk.h"

/* Of a row that is taken, for its sample; rows of the mapping are shorter. */
#define ROW_BYTES ((size_t)256 << 10)
#define MAX_KINDS 64

/* Rows of a kind: as samples, or named and outside. */
typedef struct {
	char *kind;
	int64_t count;
	sp_json *list; /* of samples */
} tally;

struct sp_inspection {
	sp_checking *check;
	sp_walk *walk;
	unsigned samples_wanted;
	sp_tree *tree;
	sp_walk_watcher watcher;
	sp_taking *taking;
	sp_row_taker taker;
	tally samples[MAX_KINDS], outside[MAX_KINDS];
	int sample_kinds, outside_kinds;
	char *path; /* of the entry */
	sp_spool *references;
	sp_error error;
	bool is_listing; /* the entries, or the references, are gone through */
};

/* --- while it is read --- */

/* Of this kind; NULL: there is none and no room, or no memory. */
static tally *find(sp_inspection *in, tally *all, int *count, const char *kind)
{
	int i;

	for (i = 0; i < *count; i++) {
		if (strcmp(all[i].kind, kind) == 0)
			return &all[i];
	}
	if (*count == MAX_KINDS)
		return NULL;
	all[i] = (tally){ .kind = strdup(kind) };
	if (!all[i].kind) {
		sp_fail_memory(&in->error);
		return NULL;
	}
	++*count;
	return &all[i];
}

static bool is_mapping(const char *kind)
{
	return strcmp(kind, SP_KIND_MAPPING) == 0;
}

static bool wants(void *ctx, const char *kind)
{
	sp_inspection *in = ctx;
	const tally *samples;

	if (is_mapping(kind))
		return true;
	if (!strcmp(kind, sp_entities[SP_USER].name))
		return false; /* named, but not in it */
	samples = in->samples_wanted ? find(in, in->samples, &in->sample_kinds, kind) : NULL;
	return samples && samples->count < in->samples_wanted;
}

/* A row of the mapping that stands for one outside. */
static void take_outside(sp_inspection *in, const char *text, size_t len)
{
	bool external = false;
	sp_buf kind = { 0 };
	sp_scan scan;
	tally *outside;

	sp_scan_begin(&scan, text, len);
	if (sp_scan_next(&scan) != SP_SCAN_OBJECT)
		return;
	while (sp_scan_next(&scan) == SP_SCAN_KEY) {
		bool is_kind = sp_scan_is(&scan, "kind"), is_external = sp_scan_is(&scan, "external");

		if (is_kind && sp_scan_next(&scan) == SP_SCAN_STRING) {
			sp_buf_reset(&kind);
			sp_scan_unescape(&scan, &kind);
		} else if (is_external && sp_scan_next(&scan) == SP_SCAN_LITERAL) {
			external = scan.len == 4 && memcmp(scan.start, "true", 4) == 0;
		} else if (!is_kind && !is_external && !sp_scan_skip(&scan)) {
			break;
		}
	}
	outside = external ? find(in, in->outside, &in->outside_kinds, sp_buf_text(&kind)) : NULL;
	if (outside)
		outside->count++;
	if (external)
		(void)(sp_spool_write(in->references, text, len, &in->error) &&
		       sp_spool_write(in->references, "\n", 1, &in->error));
	if (kind.failed)
		sp_fail_memory(&in->error);
	sp_buf_free(&kind);
}

/* Line ends between tokens go, so that it is one line. */
static void take_mapping(sp_inspection *in, const char *text, size_t len)
{
	sp_buf line = { 0 };
	sp_scan_writer writer = { &line, SP_SCAN_END };
	sp_scan_token token;
	sp_scan scan;

	sp_scan_begin(&scan, text, len);
	while ((token = sp_scan_next(&scan)) != SP_SCAN_END && token != SP_SCAN_BAD)
		sp_scan_put(&writer, &scan, token);
	if (line.failed)
		sp_fail_memory(&in->error);
	else if (token == SP_SCAN_END)
		take_outside(in, line.data, line.len);
	sp_buf_free(&line);
}

static void take_row(void *ctx, const char *kind, const char *text, size_t len, bool is_cut)
{
	sp_inspection *in = ctx;
	tally *samples;

	if (sp_error_is_set(&in->error))
		return;
	if (is_mapping(kind)) {
		if (!is_cut)
			take_mapping(in, text, len);
		return;
	}
	samples = find(in, in->samples, &in->sample_kinds, kind);
	if (samples && !samples->list)
		samples->list = sp_json_array();
	if (samples && !sp_sample_row(text, len, SP_SAMPLE_BYTES, samples->list))
		sp_fail_memory(&in->error);
	if (samples)
		samples->count++;
}

static bool begin_entry(void *ctx, const char *path, uint64_t number, sp_error *err)
{
	sp_inspection *in = ctx;

	(void)number;
	free(in->path);
	in->path = strdup(path);
	return in->path || sp_fail_memory(err);
}

static bool end_entry(void *ctx, uint64_t size, int64_t rows, sp_error *err)
{
	sp_inspection *in = ctx;

	(void)rows;
	if (sp_error_is_set(&in->error)) {
		sp_error_move(err, &in->error);
		return false;
	}
	return sp_tree_add(in->tree, in->path, size) || sp_fail_memory(err);
}

/* --- life --- */

static bool prepare(sp_inspection *in, int fd, sp_error *err)
{
	in->watcher = (sp_walk_watcher){ .begin = begin_entry, .end = end_entry, .ctx = in };
	in->taker = (sp_row_taker){ .most = ROW_BYTES, .wants = wants, .take = take_row, .ctx = in };
	in->tree = sp_tree_create();
	if (!in->tree)
		return sp_fail_memory(err);
	in->references = sp_spool_create(NULL, err);
	in->walk = in->references ? sp_walk_open(fd, in->check, false, err) : NULL;
	if (!in->walk)
		return false;
	in->taking = sp_taking_create(in->walk, &in->taker, err);
	sp_walk_watch(in->walk, &in->watcher);
	return in->taking != NULL;
}

sp_inspection *sp_inspect_open(int fd, sp_checking *check, unsigned samples, sp_error *err)
{
	sp_inspection *in = calloc(1, sizeof *in);

	if (!in) {
		sp_fail_memory(err);
		return NULL;
	}
	in->check = check;
	in->samples_wanted = samples < SP_SAMPLES_MOST ? samples : SP_SAMPLES_MOST;
	sp_checking_begin(check);
	if (prepare(in, fd, err) && sp_walk_read(in->walk, err) && sp_walk_end(in->walk, err))
		return in;
	sp_inspection_free(in);
	return NULL;
}

void sp_inspection_free(sp_inspection *in)
{
	int i;

	if (!in)
		return;
	sp_walk_free(in->walk);
	sp_taking_free(in->taking);
	sp_tree_free(in->tree);
	sp_spool_free(in->references);
	for (i = 0; i < MAX_KINDS; i++) {
		free(in->samples[i].kind);
		sp_json_free(in->samples[i].list);
		free(in->outside[i].kind);
	}
	free(in->path);
	sp_error_clear(&in->error);
	free(in);
}

/* --- what was found --- */

static bool add_rows(sp_inspection *in, sp_json *to)
{
	sp_json *references = sp_json_add_object(to, "references"), *samples;
	bool ok = references != NULL;
	int i;

	for (i = 0; ok && i < in->outside_kinds; i++)
		ok = sp_json_add_int(references, in->outside[i].kind, in->outside[i].count);
	samples = sp_json_add_object(to, "samples");
	for (i = 0; ok && i < in->sample_kinds; i++) {
		if (!in->samples[i].list)
			continue;
		ok = sp_json_add(samples, in->samples[i].kind, in->samples[i].list);
		in->samples[i].list = NULL;
	}
	return ok && samples;
}

sp_json *sp_inspection_result(sp_inspection *in, sp_error *err)
{
	sp_json *result = sp_json_object();
	sp_json *manifest;

	if (result && sp_walk_result(in->walk, result) &&
	    sp_json_add_text(result, "profile", sp_checking_profile(in->check)) &&
	    sp_tree_json(in->tree, result) && add_rows(in, result)) {
		manifest = sp_walk_take_manifest(in->walk);
		if (!manifest || sp_json_add(result, "manifest", manifest))
			return result;
	}
	sp_json_free(result);
	sp_fail_memory(err);
	return NULL;
}

bool sp_inspection_entry(sp_inspection *in, sp_seen_entry *entry, bool *more, sp_error *err)
{
	if (!in->is_listing && !sp_walk_rewind(in->walk, err))
		return false;
	in->is_listing = true;
	if (!sp_walk_next(in->walk, entry, more, err))
		return false;
	in->is_listing = *more;
	return true;
}

const char *sp_inspection_reference(sp_inspection *in, size_t *len, sp_error *err)
{
	const char *line;

	if (!in->is_listing && !sp_spool_rewind(in->references, err))
		return NULL;
	line = sp_spool_line(in->references, len, err);
	in->is_listing = line != NULL;
	return line;
}
