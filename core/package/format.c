#include <config.h>

#include "core/package/format.h"

#include "core/base/buf.h"
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
	const sp_format *found = NULL;
	sp_buf text = { 0 };

	if (!sp_zip_peek(zip, SP_MANIFEST, PEEK_BYTES, &text, err))
		goto cleanup;
	found = find_by_key(sp_buf_text(&text), text.len);
	sp_buf_reset(&text);
	if (!found && sp_zip_peek(zip, METADATA, 1, &text, err))
		found = text.len ? &sp_format_universal : &sp_format_own;
cleanup:
	sp_buf_free(&text);
	return found;
}
