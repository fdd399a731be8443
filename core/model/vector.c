#include <config.h>

#include "core/model/vector.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* vector(384), public.vector(384), vector: of any dimension. */
static bool takes(const char *type, int64_t dimension)
{
	const char *dot = strrchr(type, '.'), *paren;
	int64_t of;

	type = dot ? dot + 1 : type;
	if (strncmp(type, "vector", 6) != 0 && strncmp(type, "halfvec", 7) != 0)
		return false;
	paren = strchr(type, '(');
	of = paren ? strtoll(paren + 1, NULL, 10) : 0;
	return !of || of == dimension;
}

int sp_vector_rank(const char *column, const char *type, const char *source, int64_t dimension)
{
	bool json = !strncmp(type, "json", 4) && !strncmp(column, "embedding_", 10);

	if (!json && !takes(type, dimension))
		return 0;
	if (!strcmp(column, source))
		return 3;
	return json ? 1 : 2;
}
