#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/package/internal.h"
#include "core/package/keys.h"
#include "core/package/own_write.h"

#define SHOWN_BYTES 200

/* A line of one of the two lists; texts belong to the list until the next. */
typedef struct {
	sp_listed line;
	const char *sha256;
} listed;

typedef struct {
	sp_walk *walk;
	sp_spool *spool;
	const char *name;
	/* fills in *to; to->line.path NULL: it isn't what it should be */
	bool (*take)(char *line, size_t len, listed *to, sp_json **json, sp_error *err);
	sp_json *json;   /* what the line's texts belong to */
	int64_t number;  /* of the line, from 1 on */
	int64_t counted; /* lines whose kind was counted */
	int64_t checked; /* lines that were compared, in order */
} list;

/* Enough of a line to find it. */
static const char *shorten(char *line, size_t len)
{
	if (len > SHOWN_BYTES)
		line[SHOWN_BYTES] = '\0';
	return line;
}

/* What is wrong with it was told when it was read, or is told by the caller. */
static bool take_json(char *line, size_t len, listed *to, sp_json **json, sp_error *err)
{
	sp_error wrong = SP_ERROR_INIT;

	*json = sp_json_parse(line, len, SP_ENTRIES, &wrong);
	if (!*json && wrong.code != SP_BAD_PACKAGE) {
		sp_error_move(err, &wrong);
		return false;
	}
	sp_error_clear(&wrong);
	*to = (listed){ { sp_json_text(*json, "path"), sp_json_text(*json, "kind"),
		              sp_json_int(*json, "size", -1), sp_json_int(*json, "rows", -1) },
		            sp_json_text(*json, "sha256") };
	if (!to->line.kind || !to->sha256 || to->line.size < 0)
		to->line.path = NULL;
	return true;
}

/* As sha256sum writes it: 64 digits, two spaces (or a space and "*"), path. */
static bool take_sum(char *line, size_t len, listed *to, sp_json **json, sp_error *err)
{
	(void)json;
	(void)err;
	*to = (listed){ { NULL, NULL, -1, -1 }, line };
	if (strlen(line) != len || len < SP_SHA256_HEX + 3 || line[SP_SHA256_HEX] != ' ' ||
	    (line[SP_SHA256_HEX + 1] != ' ' && line[SP_SHA256_HEX + 1] != '*'))
		return true;
	line[SP_SHA256_HEX] = '\0';
	to->line.path = line + SP_SHA256_HEX + 2;
	return true;
}

sp_tally *sp_walk_find_kind(sp_walk *walk, const char *kind, sp_error *err)
{
	sp_place nowhere = SP_NOWHERE;
	sp_tally *found;
	int i;

	for (i = 0; i < walk->kind_count; i++) {
		if (strcmp(walk->kinds[i].kind, kind) == 0)
			return &walk->kinds[i];
	}
	if (walk->kind_count == SP_MAX_KINDS) {
		sp_found_end(walk->check, err, SP_FOUND_LIST, &nowhere, N_("too many kinds of entries"));
		return NULL;
	}
	found = &walk->kinds[walk->kind_count];
	*found = (sp_tally){ strdup(kind), 0, 0, -1 };
	if (!found->kind) {
		sp_fail_memory(err);
		return NULL;
	}
	walk->kind_count++;
	return found;
}

static bool count_kind(list *list, const sp_listed *line, sp_error *err)
{
	const sp_walk *walk = list->walk;
	sp_tally *kind;
	int i;

	/* each once, however often the list is gone through */
	if (!line->kind || list->number <= list->counted)
		return true;
	list->counted = list->number;
	kind = sp_walk_find_kind(list->walk, line->kind, err);
	if (!kind)
		return false;
	kind->entries++;
	kind->bytes += (uint64_t)line->size;
	if (line->rows >= 0)
		kind->rows = (kind->rows < 0 ? 0 : kind->rows) + line->rows;
	for (i = 0; i < walk->watcher_count && walk->reads == SP_READS_ALL; i++) {
		const sp_walk_watcher *watcher = walk->watchers[i];

		if (watcher->listed && !watcher->listed(watcher->ctx, line, err))
			return false;
	}
	return true;
}

static bool is_sums(const list *list)
{
	return strcmp(list->name, SP_CHECKSUMS) == 0;
}

/* The next line; to->line.path NULL at the end. A line that isn't one ends
 * the comparison, with an error. */
static bool next_listed(list *list, listed *to, sp_error *err)
{
	size_t len;
	char *line = sp_spool_line(list->spool, &len, err);
	sp_place place = { list->name, -1, ++list->number, 1 };

	sp_json_free(list->json);
	list->json = NULL;
	*to = (listed){ { NULL, NULL, -1, -1 }, NULL };
	if (!line)
		return !sp_error_is_set(err);
	if (!list->take(line, len, to, &list->json, err))
		return false;
	/* that was told when it was read */
	if (!to->line.path && !is_sums(list) && list->walk->bad_entries)
		return sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: %s can't be compared"),
		               list->walk->check->name, SP_ENTRIES);
	if (!to->line.path)
		return sp_found_end(list->walk->check, err, SP_FOUND_LIST, &place,
		                    N_("not a line that describes an entry: %s"), shorten(line, len));
	return count_kind(list, &to->line, err);
}

static bool rewind_list(list *list, sp_error *err)
{
	list->number = 0;
	return sp_spool_rewind(list->spool, err);
}

/* Whether the list should have this entry. */
static bool should_list(const list *list, const char *path)
{
	if (strcmp(path, SP_CHECKSUMS) == 0 || strcmp(path, SP_SIGNATURE) == 0)
		return false;
	return is_sums(list) || (strcmp(path, SP_ENTRIES) != 0 && strcmp(path, SP_MANIFEST) != 0);
}

/* --- an entry against its line --- */

static bool check_size(const list *list, const sp_seen_entry *seen, const listed *listed,
                       sp_error *err)
{
	sp_place place = { seen->path, -1, 0, 0 };

	if (listed->line.size < 0 || (uint64_t)listed->line.size == seen->size)
		return true;
	return sp_found(list->walk->check, err, SP_FOUND_LISTED_SIZE, &place,
	                N_("it has %llu bytes, but %s says %lld"), (unsigned long long)seen->size,
	                list->name, (long long)listed->line.size);
}

static bool check_rows(const list *list, const sp_seen_entry *seen, const listed *listed,
                       sp_error *err)
{
	sp_place place = { seen->path, -1, 0, 0 };

	if (listed->line.rows < 0 || seen->rows < 0 || listed->line.rows == seen->rows)
		return true;
	return sp_found(list->walk->check, err, SP_FOUND_LISTED_ROWS, &place,
	                N_("it has %lld rows, but %s says %lld"), (long long)seen->rows, list->name,
	                (long long)listed->line.rows);
}

static bool check_entry(const list *list, const sp_seen_entry *seen, const listed *listed,
                        sp_error *err)
{
	sp_place place = { seen->path, -1, 0, 0 };

	if (strcmp(listed->sha256, seen->sha256) != 0 &&
	    !sp_found(list->walk->check, err, SP_FOUND_CHECKSUM, &place,
	              N_("it isn't what it was: its SHA-256 differs from that in %s"), list->name))
		return false;
	return check_size(list, seen, listed, err) && check_rows(list, seen, listed, err);
}

/* --- in order --- */

/* *same: the list has the entries in the order of the file. */
static bool compare_in_order(list *list, bool *same, sp_error *err)
{
	sp_seen_entry seen;
	listed listed;
	bool more;

	if (!sp_seen_rewind(list->walk->seen, err) || !rewind_list(list, err))
		return false;
	for (;;) {
		if (!sp_checking_go_on(list->walk->check, err))
			return false;
		do {
			if (!sp_seen_next(list->walk->seen, &seen, &more, err))
				return false;
		} while (more && !should_list(list, seen.path));
		if (!next_listed(list, &listed, err))
			return false;
		*same = more == (listed.line.path != NULL) &&
		        (!more || strcmp(seen.path, listed.line.path) == 0);
		if (!*same || !more)
			return true;
		if (!check_entry(list, &seen, &listed, err))
			return false;
		list->checked = list->number;
	}
}

/* --- in any order: by keys --- */

/* Of the entries in the file, or of the lines of a list. The paths stand there
 * twice, since a comparison uses up one side. */
typedef struct {
	sp_keys *paths, *again;
	sp_keys *facts; /* checksum and, of lines, rows with the path */
} key_set;

static bool create_keys(key_set *set, sp_error *err)
{
	return (set->paths = sp_keys_create(err)) && (set->again = sp_keys_create(err)) &&
	       (set->facts = sp_keys_create(err));
}

static void free_keys(key_set *set)
{
	sp_keys_free(set->paths);
	sp_keys_free(set->again);
	sp_keys_free(set->facts);
}

static bool is_lines(const char *path)
{
	size_t len = strlen(path);

	return len > 6 && strcmp(path + len - 6, ".jsonl") == 0;
}

/* `number`: of the entry or line. */
static bool add_keys(list *list, const char *path, const char *sha256, int64_t rows,
                     uint64_t number, key_set *to, sp_error *err)
{
	sp_sha256 *sha = list->walk->sha;
	sp_key key = { .note = { number, 0 } };
	sp_buf facts = { 0 };
	bool ok;

	/* only of lines do both sides always know the rows */
	sp_buf_addf(&facts, "%s %lld %s", sha256,
	            is_sums(list) || !is_lines(path) ? -1LL : (long long)rows, path);
	ok = (!facts.failed || sp_fail_memory(err)) &&
	     sp_key_of_text(sha, path, strlen(path), false, key.bytes, err) &&
	     sp_keys_add(to->paths, &key, err) && sp_keys_add(to->again, &key, err) &&
	     sp_key_of_text(sha, facts.data, facts.len, false, key.bytes, err) &&
	     sp_keys_add(to->facts, &key, err);
	sp_buf_free(&facts);
	return ok;
}

static bool collect_seen(list *list, key_set *to, sp_error *err)
{
	sp_seen_entry seen;
	uint64_t number;
	bool more;

	if (!create_keys(to, err) || !sp_seen_rewind(list->walk->seen, err))
		return false;
	for (number = 0;; number++) {
		if (!sp_seen_next(list->walk->seen, &seen, &more, err))
			return false;
		if (!more)
			return true;
		if (should_list(list, seen.path) &&
		    !add_keys(list, seen.path, seen.sha256, seen.rows, number, to, err))
			return false;
	}
}

static bool collect_listed(list *list, key_set *to, sp_error *err)
{
	listed listed;

	if (!create_keys(to, err) || !rewind_list(list, err))
		return false;
	for (;;) {
		if (!next_listed(list, &listed, err))
			return false;
		if (!listed.line.path)
			return true;
		if (!add_keys(list, listed.line.path, listed.sha256, listed.line.rows,
		              (uint64_t)list->number, to, err))
			return false;
	}
}

/* The line of this number again. */
static bool find_listed(list *list, uint64_t number, listed *to, sp_error *err)
{
	if (!rewind_list(list, err))
		return false;
	do {
		if (!next_listed(list, to, err))
			return false;
	} while (to->line.path && (uint64_t)list->number < number);
	return true;
}

static bool tell_missing(void *ctx, const sp_key *key, sp_error *err)
{
	list *list = ctx;
	listed listed;
	sp_place place = SP_NOWHERE;

	if (!find_listed(list, key->note[0], &listed, err))
		return false;
	place.entry = listed.line.path;
	return sp_found(list->walk->check, err, SP_FOUND_MISSING, &place,
	                N_("it is missing; %s has it"), list->name);
}

static bool tell_unlisted(void *ctx, const sp_key *key, sp_error *err)
{
	list *list = ctx;
	sp_buf path = { 0 };
	sp_place place = SP_NOWHERE;
	bool ok = sp_walk_path(list->walk, key->note[0], &path, err);

	place.entry = path.data;
	ok = ok && sp_found(list->walk->check, err, SP_FOUND_UNLISTED, &place,
	                    N_("it isn't listed in %s"), list->name);
	sp_buf_free(&path);
	return ok;
}

static bool tell_twice(void *ctx, const sp_key *key, sp_error *err)
{
	list *list = ctx;
	sp_place place = { list->name, -1, (int64_t)key->note[0], 1 };

	return sp_found(list->walk->check, err, SP_FOUND_LIST, &place, N_("an entry is listed twice"));
}

/* Those whose checksum differs, with what there is to say about them. */
static bool tell_changed(void *ctx, const sp_key *key, sp_error *err)
{
	list *list = ctx;
	sp_seen_entry seen;
	listed listed;
	bool found;

	if ((int64_t)key->note[0] <= list->checked)
		return true;
	/* one that is missing was told */
	return find_listed(list, key->note[0], &listed, err) &&
	       sp_seen_find(list->walk->seen, listed.line.path, &seen, &found, err) &&
	       (!found || check_entry(list, &seen, &listed, err));
}

static bool tell_order(list *list, sp_error *err)
{
	sp_place place = { list->name, -1, 0, 0 };

	if (list->walk->told_order)
		return true;
	list->walk->told_order = true;
	return sp_found(list->walk->check, err, SP_FOUND_ORDER, &place,
	                N_("the entries are in another order than it lists them"));
}

static bool ask(list *list, key_set *seen, key_set *lines, sp_error *err)
{
	const sp_key_answers missing = { tell_missing, NULL, list };
	const sp_key_answers unlisted = { tell_unlisted, NULL, list };
	const sp_key_answers changed = { tell_changed, NULL, list };
	const uint64_t *damage = &list->walk->check->found[SP_WEIGHT_DAMAGE];
	uint64_t before = *damage;

	return sp_keys_twice(lines->paths, tell_twice, list, err) &&
	       sp_keys_compare(lines->again, seen->paths, &missing, err) &&
	       sp_keys_compare(seen->again, lines->paths, &unlisted, err) &&
	       (*damage > before || tell_order(list, err)) &&
	       sp_keys_compare(lines->facts, seen->facts, &changed, err);
}

static bool compare_by_keys(list *list, sp_error *err)
{
	key_set seen = { 0 }, lines = { 0 };
	bool ok = collect_seen(list, &seen, err) && collect_listed(list, &lines, err) &&
	          ask(list, &seen, &lines, err);

	free_keys(&seen);
	free_keys(&lines);
	return ok;
}

static bool compare_list(list *list, sp_error *err)
{
	bool same = false;
	bool ok = compare_in_order(list, &same, err) && (same || compare_by_keys(list, err));

	sp_json_free(list->json);
	list->json = NULL;
	return ok;
}

/* --- the manifest --- */

static const sp_place in_manifest = { SP_MANIFEST, -1, 0, 0 };

/* It was looked at before the entries were read; what is wrong with it is told
 * now. */
static bool parse_manifest(sp_walk *walk, sp_error *err)
{
	sp_error wrong = SP_ERROR_INIT;

	if (!walk->says.manifest)
		walk->says.manifest = sp_json_parse(sp_buf_text(&walk->manifest_text),
		                                    walk->manifest_text.len, SP_MANIFEST, &wrong);
	if (walk->says.manifest)
		return true;
	if (wrong.code == SP_BAD_PACKAGE)
		sp_found_end(walk->check, err, SP_FOUND_MANIFEST, &in_manifest,
		             N_("it can't be understood: %s"), sp_error_text_c(&wrong));
	else
		sp_error_move(err, &wrong);
	sp_error_clear(&wrong);
	return false;
}

/* What it says about the list of entries, against the list itself. */
static bool check_manifest(sp_walk *walk, sp_error *err)
{
	const sp_json *told = sp_json_get(walk->says.manifest, "entries");
	const char *sha256 = sp_json_text(told, "sha256");
	sp_place place = { SP_ENTRIES, -1, 0, 0 };
	sp_seen_entry entry;
	bool found;

	if (!sp_seen_find(walk->seen, SP_ENTRIES, &entry, &found, err))
		return false;
	if (found && sha256 && strcmp(sha256, entry.sha256) == 0 &&
	    sp_json_int(told, "size", -1) == (int64_t)entry.size &&
	    sp_json_int(told, "count", -1) ==
	        (int64_t)sp_seen_count(walk->seen) - 3 - walk->has_signature)
		return true;
	return sp_found(walk->check, err, SP_FOUND_MANIFEST, &place,
	                N_("it isn't the one that %s names"), SP_MANIFEST);
}

bool sp_walk_compare(sp_walk *walk, sp_error *err)
{
	list sums = { .walk = walk, .spool = walk->sums, .name = SP_CHECKSUMS, .take = take_sum };
	list entries = { .walk = walk, .spool = walk->entries, .name = SP_ENTRIES, .take = take_json };

	sp_checking_phase(walk->check, N_("comparing"), sp_seen_count(walk->seen));
	/* what this is comes first; then the checksums: they tell what is damaged, a
	 * list inside included */
	if (!parse_manifest(walk, err) || !sp_versions_tell_format(walk->check, &walk->says, err))
		return false;
	if (walk->reads == SP_READS_SUMS)
		return compare_list(&sums, err);
	return compare_list(&sums, err) && sp_walk_check_signature(walk, err) &&
	       compare_list(&entries, err) && check_manifest(walk, err);
}
