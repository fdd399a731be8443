/* What an export is asked for; names and defaults as in `spaceport --help`. */
#ifndef SP_EXPORT_OPTIONS_H
#define SP_EXPORT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { SP_FILES_REFERENCE, SP_FILES_INLINE, SP_FILES_EXTERNAL } sp_asset_format;

extern const char *const sp_asset_formats[]; /* "reference", … */

/* Strings are the caller's and must outlive the export. */
typedef struct {
	bool source_assets, embeddings, chunks, datasets, dependencies;
	sp_asset_format asset_format;
	bool preserve_uuids;
	const char *target_instance; /* NULL: any */
	int compression_level;       /* 0 to 9 */
	uint64_t max_line;           /* bytes of a text that still stands in a row */
	const char *const *exclude_fields;
	int exclude_field_count;
	const char *const *exclude_tags;
	int exclude_tag_count;
	const char *const *exclude_assets;
	int exclude_asset_count;
	bool no_authors;
} sp_export_options;

#endif
