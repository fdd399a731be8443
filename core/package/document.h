/*
 * A document of nested rows, as other programs write packages: which object
 * stands where, by the keys that lead to it. A table says what is known; what
 * isn't stays unread, so that data never pass for structure.
 */
#ifndef SP_PACKAGE_DOCUMENT_H
#define SP_PACKAGE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/scan.h"

/* Brackets that are looked into; what is deeper is unread. */
#define SP_DOCUMENT_DEPTH 16
#define SP_DOCUMENT_KEY   64

/* A format's own numbers for its objects; 0: not known, 1: the outermost. */
typedef int sp_node;

#define SP_NODE_NONE 0
#define SP_NODE_ROOT 1

/* Under this key of an object `from` stands an object `to`, or an array of
 * such. A key "*x" is any that ends in x. The last has `from` SP_NODE_NONE. */
typedef struct {
	sp_node from;
	const char *key;
	sp_node to;
} sp_document_way;

typedef struct {
	/* set before */
	const sp_document_way *ways;
	void *ctx;
	/* a known object begins (ends) */
	void (*object)(void *ctx, sp_node node, bool ends);
	/* a scalar that stands in a known object under this key: a text without
	 * quotes and escapes, or a literal. A text that is too long: NULL. */
	void (*value)(void *ctx, sp_node node, const char *key, bool is_text, const char *value,
	              size_t len);
	/* something else than an object where one should be */
	void (*odd)(void *ctx, sp_node node);

	/* its own */
	struct {
		sp_node node; /* of the open object, or of the items of the open array */
		bool is_array;
	} open[SP_DOCUMENT_DEPTH + 1];
	char key[SP_DOCUMENT_KEY]; /* of the object that is open last */
	sp_node next;              /* what stands under it */
} sp_document;

/* Before a document. */
void sp_document_begin(sp_document *document);
/* The next token, as sp_row_token_fn tells it of a document that is one object.
 * False and an error: memory. */
bool sp_document_token(sp_document *document, sp_scan_token kind, size_t depth,
                       const sp_scan *token, sp_error *err);

#endif
