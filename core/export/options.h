/* What an export is asked for; names and defaults as in `spaceport --help`. */
#ifndef SP_EXPORT_OPTIONS_H
#define SP_EXPORT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

typedef enum { SP_FILES_REFERENCE, SP_FILES_INLINE, SP_FILES_EXTERNAL } sp_asset_format;

extern const char *const sp_asset_formats[]; /* "reference", … */

/* Strings and arrays are the caller's and must outlive the export. */
typedef struct {
	bool source_assets, embeddings, chunks, datasets, dependencies;
	sp_asset_format asset_format;
	bool preserve_uuids;
	const char *target_instance; /* NULL: any */
	int compression_level;       /* 0 to 9 */
	uint64_t max_line;           /* bytes of a text that still stands in a row */
	const char **exclude_fields;
	int exclude_field_count;
	const char **exclude_tags;
	int exclude_tag_count;
	const char **exclude_assets;
	int exclude_asset_count;
	bool no_authors;
} sp_export_options;

/*
 * Sets an option by its name on the command line ("include-chunks"), from the
 * text of its value ("yes", "no"; a number; one value more of a list). The text
 * stays the caller's, arrays of lists become the options' own. SP_USAGE for a
 * name or value that there isn't.
 */
bool sp_export_options_set(sp_export_options *options, const char *name, const char *value,
                           sp_error *err);
/* Frees the arrays that sp_export_options_set() made. */
void sp_export_options_clear(sp_export_options *options);

#endif
