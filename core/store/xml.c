#include <config.h>

#include "core/store/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

/* Of elements in each other; S3 needs four. */
#define DEEPEST 16

typedef struct {
	XML_Parser parser;
	sp_xml_fn *fn;
	void *ctx;
	sp_error *err;
	sp_buf path, text;
	size_t ends[DEEPEST]; /* of the path, at each depth */
	int depth;
	bool failed;
} walk;

static void stop(walk *w)
{
	w->failed = true;
	(void)XML_StopParser(w->parser, XML_FALSE);
}

static void begin(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	walk *w = ctx;
	const char *colon = strrchr(name, ':');

	(void)attributes;
	if (w->depth == DEEPEST) {
		stop(w);
		return;
	}
	w->ends[w->depth++] = w->path.len;
	sp_buf_addf(&w->path, "%s%s", w->path.len ? "/" : "", colon ? colon + 1 : name);
	sp_buf_reset(&w->text);
}

static void end(void *ctx, const XML_Char *name)
{
	walk *w = ctx;

	(void)name;
	if (w->failed)
		return;
	if (w->path.failed || w->text.failed) {
		sp_fail_memory(w->err);
		stop(w);
	} else if (!w->fn(w->ctx, sp_buf_text(&w->path), sp_buf_text(&w->text), w->err)) {
		stop(w);
	} else {
		w->path.len = w->ends[--w->depth];
		w->path.data[w->path.len] = '\0';
		sp_buf_reset(&w->text);
	}
}

static void take_text(void *ctx, const XML_Char *text, int len)
{
	sp_buf_add(&((walk *)ctx)->text, text, (size_t)len);
}

/* No document of S3's has a type; one that has could be a bomb. */
static void refuse_type(void *ctx, const XML_Char *name, const XML_Char *id, const XML_Char *public,
                        int internal)
{
	(void)name;
	(void)id;
	(void)public;
	(void)internal;
	stop(ctx);
}

bool sp_xml_walk(const char *text, size_t len, sp_xml_fn *fn, void *ctx, sp_error *err)
{
	walk w = { .parser = XML_ParserCreate(NULL), .fn = fn, .ctx = ctx, .err = err };
	bool ok;

	if (!w.parser)
		return sp_fail_memory(err);
	XML_SetUserData(w.parser, &w);
	XML_SetElementHandler(w.parser, begin, end);
	XML_SetCharacterDataHandler(w.parser, take_text);
	XML_SetStartDoctypeDeclHandler(w.parser, refuse_type);
	ok = XML_Parse(w.parser, text, (int)len, XML_TRUE) == XML_STATUS_OK && !w.failed;
	if (!ok && XML_GetErrorCode(w.parser) == XML_ERROR_NO_MEMORY)
		sp_fail_memory(err);
	XML_ParserFree(w.parser);
	sp_buf_free(&w.path);
	sp_buf_free(&w.text);
	return ok;
}

typedef struct {
	const char *path;
	sp_buf *to;
	bool found;
} search;

static bool look(void *ctx, const char *path, const char *text, sp_error *err)
{
	search *s = ctx;

	(void)err;
	if (!s->found && !strcmp(path, s->path)) {
		s->found = true;
		sp_buf_adds(s->to, text);
	}
	return true;
}

bool sp_xml_find(const char *text, size_t len, const char *path, sp_buf *to)
{
	search s = { .path = path, .to = to };
	sp_error err = SP_ERROR_INIT;

	if (!sp_xml_walk(text, len, look, &s, &err) && sp_error_is_set(&err))
		to->failed = true;
	sp_error_clear(&err);
	return s.found;
}
