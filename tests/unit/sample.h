/* A small catalog made by hand, for tests of what is built on one. */
#ifndef SP_TESTS_UNIT_SAMPLE_H
#define SP_TESTS_UNIT_SAMPLE_H

#include "core/db/catalog.h"

/* The tables, in the catalog's order. */
enum {
	T_ANNOTATION,
	T_ANNOTATIONRUN,
	T_ANNOTATIONSCHEMA,
	T_ASSET,
	T_ASSETCHUNK,
	T_BUNDLE,
	T_DATASET,
	T_EMBEDDINGMODEL,
	T_FLOW,
	T_INFOSPACE,
	T_JUSTIFICATION,
	T_OTHER,
	T_RUNSCHEMALINK,
	T_SOURCE,
	T_USER,
	T_ZONE,
	T_COUNT
};

extern const sp_catalog sample;

#endif
