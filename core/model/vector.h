/* Where vectors of chunks are kept: HQ has a column for each dimension, and had others before. */
#ifndef SP_MODEL_VECTOR_H
#define SP_MODEL_VECTOR_H

#include <stdint.h>

/*
 * How well a column of chunks takes vectors of so many dimensions that stood in the column `source`
 * at the source; the best is where they go: 3 it is the same, 2 it is of that dimension, 1 it is of
 * json, which an instance without pgvector has; 0 not at all. `type`: as format_type() has it.
 */
int sp_vector_rank(const char *column, const char *type, const char *source, int64_t dimension);

#endif
