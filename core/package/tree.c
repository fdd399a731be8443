#include <config.h>

#include "core/package/tree.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
	char *path; /* with its slash */
	uint64_t entries, bytes;
} folder;

struct sp_tree {
	folder folders[SP_TREE_FOLDERS];
	size_t count;
};

sp_tree *sp_tree_create(void)
{
	return calloc(1, sizeof(sp_tree));
}

void sp_tree_free(sp_tree *tree)
{
	size_t i;

	if (!tree)
		return;
	for (i = 0; i < tree->count; i++)
		free(tree->folders[i].path);
	free(tree);
}

/* Of this path; a new one where there is none. NULL: no room (`full`) or memory. */
static folder *find(sp_tree *tree, const char *path, size_t len, bool *full)
{
	folder *new;
	size_t i;

	/* entries of a folder stand together, often in the newest */
	for (i = tree->count; i-- > 0;) {
		if (strncmp(tree->folders[i].path, path, len) == 0 && !tree->folders[i].path[len])
			return &tree->folders[i];
	}
	*full = tree->count == SP_TREE_FOLDERS;
	if (*full)
		return NULL;
	new = &tree->folders[tree->count];
	*new = (folder){ .path = strndup(path, len) };
	if (!new->path)
		return NULL;
	tree->count++;
	return new;
}

bool sp_tree_add(sp_tree *tree, const char *path, uint64_t size)
{
	const char *slash = path;
	bool full = false;
	int depth;

	for (depth = 0; depth < SP_TREE_DEPTH && (slash = strchr(slash, '/')); depth++) {
		folder *in = find(tree, path, (size_t)(++slash - path), &full);

		if (!in)
			return full;
		in->entries++;
		in->bytes += size;
	}
	return true;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const folder *)a)->path, ((const folder *)b)->path);
}

bool sp_tree_json(sp_tree *tree, sp_json *to)
{
	sp_json *list = sp_json_add_array(to, "tree"), *item;
	bool ok = list != NULL;
	size_t i;

	if (tree->count)
		qsort(tree->folders, tree->count, sizeof *tree->folders, by_path);
	for (i = 0; ok && i < tree->count; i++) {
		item = sp_json_add_object(list, NULL);
		ok = sp_json_add_text(item, "path", tree->folders[i].path) &&
		     sp_json_add_int(item, "entries", (int64_t)tree->folders[i].entries) &&
		     sp_json_add_int(item, "bytes", (int64_t)tree->folders[i].bytes);
	}
	return ok;
}
