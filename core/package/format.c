#include <config.h>

#include "core/package/format.h"

#include <stdlib.h>

#include "core/base/scan.h"
#include "core/package/walk.h"

/* Of the manifest: every format has its first key there. */
#define PEEK_BYTES ((size_t)64 << 10)
#define METADATA   "metadata.json"

static const sp_format *const formats[] = { &sp_format_own, &sp_format_hq, &sp_format_universal };

/* The first key that tells; NULL: none of those that were seen. */
static const sp_format *find_by_key(const char *text, size_t len)
{
	sp_scan scan;
	size_t i;

	sp_scan_begin(&scan, text, len);
	if (sp_scan_next(&scan) != SP_SCAN_OBJECT)
		return NULL;
	while (sp_scan_next(&scan) == SP_SCAN_KEY) {
		for (i = 0; i < sizeof formats / sizeof *formats; i++) {
			if (formats[i]->has_key(&scan))
				return formats[i];
		}
		if (!sp_scan_skip(&scan))
			return NULL;
	}
	return NULL;
}

const sp_format *sp_format_find(sp_zip_reader *zip, sp_error *err)
{
	char *text = malloc(PEEK_BYTES);
	const sp_format *found = NULL;
	size_t len;

	if (!text) {
		sp_fail_memory(err);
		return NULL;
	}
	if (!sp_zip_peek(zip, SP_MANIFEST, text, PEEK_BYTES, &len, err))
		goto cleanup;
	found = find_by_key(text, len);
	if (!found && sp_zip_peek(zip, METADATA, text, PEEK_BYTES, &len, err))
		found = len ? &sp_format_universal : &sp_format_own;
cleanup:
	free(text);
	return found;
}
