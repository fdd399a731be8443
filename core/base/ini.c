#include <config.h>

#include "core/base/ini.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

/* Where the library can be told so, lines may be long: session tokens are. */
#if HAVE_DECL_INI_MAX_LINE
#define LONGEST 65536
#else
#define LONGEST INI_MAX_LINE
#endif

typedef struct {
	FILE *file;
	sp_ini_fn *fn;
	void *ctx;
	sp_error *err;
	size_t len; /* of the line so far */
	int line, too_long;
	bool failed; /* reading, or by fn */
} reading;

/* What the library would cut in silence is noticed here. */
static char *next(char *text, int size, void *ctx)
{
	reading *r = ctx;
	size_t len;

	if (!r->len)
		r->line++;
	if (!fgets(text, size, r->file)) {
		r->failed = r->failed || ferror(r->file);
		return NULL;
	}
	len = strlen(text);
	r->len += len;
	if (r->len > (size_t)sp_ini_longest() && !r->too_long)
		r->too_long = r->line;
	if (len && text[len - 1] == '\n')
		r->len = 0;
	return text;
}

static int take(void *ctx, const char *section, const char *key, const char *value)
{
	reading *r = ctx;

	if (!r->failed && !r->too_long && !r->fn(r->ctx, section, key, value ? value : "", r->err))
		r->failed = true;
	return 1;
}

static bool judge(const reading *r, int result, const char *path, sp_error *err)
{
	if (ferror(r->file))
		return sp_fail_errno(err, errno, N_("can't read %s"), path);
	if (r->failed)
		return false;
	if (result < 0)
		return sp_fail_memory(err);
	if (r->too_long)
		return sp_fail(err, SP_USAGE, NULL, N_("line %d of %s is too long"), r->too_long, path);
	if (result > 0)
		return sp_fail(err, SP_USAGE, N_("It should be [section], key = value or a comment."),
		               N_("line %d of %s can't be understood"), result, path);
	return true;
}

bool sp_ini_read(const char *path, sp_ini_fn *fn, void *ctx, sp_error *err)
{
	reading r = { .fn = fn, .ctx = ctx, .err = err };
	bool ok;

	r.file = fopen(path, "re");
	if (!r.file)
		return errno == ENOENT || errno == ENOTDIR ||
		       sp_fail_errno(err, errno, N_("can't read %s"), path);
	ok = judge(&r, sp_ini_parse(next, &r, take, &r), path, err);
	(void)fclose(r.file);
	return ok;
}

int sp_ini_parse(sp_ini_feed *feed, void *from, sp_ini_take *take_one, void *to)
{
#if HAVE_DECL_INI_MAX_LINE
	/* the library's settings are global: they are always set to the same */
	ini_use_stack = false;
	ini_allow_realloc = true;
	ini_max_line = LONGEST;
#endif
	return ini_parse_stream(feed, from, take_one, to);
}

int sp_ini_longest(void)
{
	return LONGEST - 3;
}
