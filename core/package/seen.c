#include <config.h>

#include "core/package/seen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"

struct sp_seen {
	sp_spool *spool; /* lines "<sha256> <size> <rows> <path>" */
	sp_buf line;
	uint64_t count;
	bool is_reading;
	uint64_t next; /* number of the entry that is read next */
};

sp_seen *sp_seen_create(sp_error *err)
{
	sp_seen *seen = calloc(1, sizeof *seen);

	if (!seen) {
		sp_fail_memory(err);
		return NULL;
	}
	seen->spool = sp_spool_create(NULL, err);
	if (seen->spool)
		return seen;
	free(seen);
	return NULL;
}

void sp_seen_free(sp_seen *seen)
{
	if (!seen)
		return;
	sp_spool_free(seen->spool);
	sp_buf_free(&seen->line);
	free(seen);
}

bool sp_seen_add(sp_seen *seen, const sp_seen_entry *entry, sp_error *err)
{
	sp_buf_reset(&seen->line);
	sp_buf_addf(&seen->line, "%s %" PRIu64 " %" PRId64 " %s\n", entry->sha256, entry->size,
	            entry->rows, entry->path);
	if (seen->line.failed)
		return sp_fail_memory(err);
	seen->count++;
	return sp_spool_write(seen->spool, seen->line.data, seen->line.len, err);
}

uint64_t sp_seen_count(const sp_seen *seen)
{
	return seen->count;
}

bool sp_seen_rewind(sp_seen *seen, sp_error *err)
{
	seen->is_reading = true;
	seen->next = 0;
	return sp_spool_rewind(seen->spool, err);
}

bool sp_seen_next(sp_seen *seen, sp_seen_entry *entry, bool *more, sp_error *err)
{
	size_t len;
	char *line = sp_spool_line(seen->spool, &len, err), *at;

	*more = line != NULL;
	if (!line)
		return !sp_error_is_set(err);
	memcpy(entry->sha256, line, SP_SHA256_HEX);
	entry->sha256[SP_SHA256_HEX] = '\0';
	entry->size = strtoull(line + SP_SHA256_HEX + 1, &at, 10);
	entry->rows = strtoll(at + 1, &at, 10);
	entry->path = at + 1;
	seen->next++;
	return true;
}

bool sp_seen_at(sp_seen *seen, uint64_t number, sp_seen_entry *entry, sp_error *err)
{
	bool more = true;

	if (number >= seen->count)
		return sp_fail(err, SP_FAILED, NULL, N_("there is no entry %llu"),
		               (unsigned long long)number);
	if ((!seen->is_reading || seen->next > number) && !sp_seen_rewind(seen, err))
		return false;
	do {
		if (!sp_seen_next(seen, entry, &more, err))
			return false;
	} while (more && seen->next <= number);
	return true;
}

bool sp_seen_find(sp_seen *seen, const char *path, sp_seen_entry *entry, bool *found,
                  sp_error *err)
{
	if (!sp_seen_rewind(seen, err))
		return false;
	do {
		if (!sp_seen_next(seen, entry, found, err))
			return false;
	} while (*found && strcmp(entry->path, path) != 0);
	return true;
}
