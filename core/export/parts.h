/* What makes up a package's size, so that each option's effect can be told. */
#ifndef SP_EXPORT_PARTS_H
#define SP_EXPORT_PARTS_H

#include "core/base/json.h"
#include "core/export/options.h"
#include "core/export/select.h"

/* What an option takes along or leaves out. */
typedef enum {
	SP_PART_RUN, /* what travels in any case */
	SP_PART_ASSETS,
	SP_PART_FILES,
	SP_PART_CHUNKS,
	SP_PART_EMBEDDINGS,
	SP_PART_DATASETS,
	SP_PART_DEPENDENCIES,
	SP_PART_COUNT
} sp_part;

/* How many rows (of files: files), and about how many bytes of the packages. */
typedef struct {
	int packages;
	int64_t rows[SP_PART_COUNT], bytes[SP_PART_COUNT];
} sp_parts;

/* Adds up what a plan of sp_export_plan() counts: one that has all in it tells
 * what each option would do. */
void sp_parts_add(sp_parts *parts, const sp_json *plan);

/* About how large the packages are that have these parts, as far as the
 * options take them along. */
int64_t sp_parts_estimate(const sp_parts *parts, const sp_export_options *options);

/* Counts the embeddings of the chunks that were selected, by their size as
 * text. */
bool sp_embeddings_count(const sp_selection *selection, sp_share *share, sp_error *err);

#endif
