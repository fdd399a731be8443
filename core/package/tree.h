/* The folders of a package, with what is in each and below: a few lines,
 * however many entries there are. */
#ifndef SP_PACKAGE_TREE_H
#define SP_PACKAGE_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/json.h"

/* More folders, or deeper ones, count as part of those that they are in. */
#define SP_TREE_FOLDERS 200
#define SP_TREE_DEPTH   4

typedef struct sp_tree sp_tree;

/* NULL: no memory. */
sp_tree *sp_tree_create(void);
void sp_tree_free(sp_tree *tree);
/* An entry of so many bytes; false: no memory. */
bool sp_tree_add(sp_tree *tree, const char *path, uint64_t size);
/* Appends an array "tree" of {"path" (with its slash), "entries", "bytes"}, a
 * folder before those in it; what lies in none is not told. False: memory. */
bool sp_tree_json(sp_tree *tree, sp_json *to);

#endif
