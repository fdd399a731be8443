/*
 * What every check of a package is made with: its limits, whom to tell what
 * is found, and when to stop. What is found is data: a stable name, how much
 * it weighs, where it stands, and a text for people.
 */
#ifndef SP_PACKAGE_CHECK_H
#define SP_PACKAGE_CHECK_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/job/job.h"

/*
 * How much a package may ask of who reads it. The defaults are far beyond
 * real packages; sizes are bytes. The ratio is that of the bytes unpacked to
 * those of the file, and counts from 64 MiB unpacked on: an average over the
 * whole package, which only a bomb brings beyond 200.
 */
typedef struct {
	uint64_t entries;
	uint64_t entry_size, total_size;
	uint64_t ratio;
	uint64_t depth; /* of brackets in JSON; at most SP_JSON_CHECK_DEPTH */
	uint64_t line_size;
	uint64_t seconds;
} sp_limits;

#define SP_LIMITS_DEFAULT                                                                          \
	{                                                                                              \
		5000000, (uint64_t)64 << 30, (uint64_t)1 << 40, 200, 1000, (uint64_t)1 << 30, 86400        \
	}

typedef enum {
	SP_WEIGHT_TOLERATED, /* not native: read as foreign */
	SP_WEIGHT_DOUBT,     /* whole, but something won't go as expected */
	SP_WEIGHT_NEWER,     /* this program doesn't understand it */
	SP_WEIGHT_DAMAGE,
	SP_WEIGHTS
} sp_weight;

/* What can be found; doc/package-format.md lists them for people. */
typedef enum {
	/* the container: the same in both profiles */
	SP_FOUND_NO_ZIP,
	SP_FOUND_END_RECORD,
	SP_FOUND_APPENDED,
	SP_FOUND_ZIP64,
	SP_FOUND_DIRECTORY,
	SP_FOUND_GAP,
	SP_FOUND_OVERLAP,
	SP_FOUND_LOCAL_HEADER,
	SP_FOUND_HEADERS_DIFFER,
	SP_FOUND_DESCRIPTOR,
	SP_FOUND_ENCRYPTED,
	SP_FOUND_FLAGS,
	SP_FOUND_METHOD,
	SP_FOUND_VERSION_NEEDED,
	SP_FOUND_SPLIT,
	SP_FOUND_TYPE,
	SP_FOUND_EXTRA_FIELD,
	SP_FOUND_NAME,
	SP_FOUND_TWICE,
	SP_FOUND_SIZE,
	SP_FOUND_DATA,
	SP_FOUND_LIMIT,
	/* tolerated in a foreign package */
	SP_FOUND_ROOT_FOLDER,
	SP_FOUND_FOLDER_ENTRY,
	SP_FOUND_COMMENT,
	SP_FOUND_LITTER,
	SP_FOUND_ODD_NAME,
	SP_FOUND_ODD_EXTRA_FIELD,
	SP_FOUND_ODD_FLAGS,
	SP_FOUND_ODD_SYSTEM,
	SP_FOUND_ODD_DESCRIPTOR,
	SP_FOUND_ORDER,
	SP_FOUND_LAYOUT,
	/* the lists and the manifest */
	SP_FOUND_MISSING,
	SP_FOUND_UNLISTED,
	SP_FOUND_LIST,
	SP_FOUND_CHECKSUM,
	SP_FOUND_LISTED_SIZE,
	SP_FOUND_LISTED_ROWS,
	SP_FOUND_MANIFEST,
	SP_FOUND_SIGNATURE,
	SP_FOUND_UNSIGNED,
	SP_FOUND_UNTRUSTED,
	SP_FOUND_COUNT,
	SP_FOUND_FORMAT,
	SP_FOUND_NEWER_VERSION,
	SP_FOUND_NEWER_MINOR,
	SP_FOUND_NEWER_FEATURE,
	SP_FOUND_ODD_FEATURE,
	/* what the entries hold */
	SP_FOUND_STRUCTURE,
	SP_FOUND_ODD_ENTRY,
	SP_FOUND_JSON,
	SP_FOUND_SCHEMA,
	SP_FOUND_ROW,
	SP_FOUND_BEYOND_JSONB,
	SP_FOUND_BEYOND_NUMERIC,
	SP_FOUND_REFERENCE,
	SP_FOUND_ODD_REFERENCE,
	SP_FOUND_ODD_HASH,
	SP_FOUND_SECRET,
	SP_FOUND_MAPPING,
	SP_FOUND_WARNING,
	SP_FOUND_IDS
} sp_found_id;

typedef struct {
	const char *name; /* stable, for programs: "headers-differ" */
	sp_weight weight;
	const char *hint; /* untranslated; may be NULL */
} sp_found_kind;

extern const sp_found_kind sp_found_kinds[SP_FOUND_IDS];

/* Where something stands; what isn't known stays NULL or 0. */
typedef struct {
	const char *entry;
	int64_t offset;       /* of a byte in the file; -1: not known */
	int64_t line, column; /* from 1 on; bytes */
	const char *pointer;  /* of a value in the line or document: RFC 6901 */
} sp_place;

#define SP_NOWHERE                                                                                 \
	{                                                                                              \
		NULL, -1, 0, 0                                                                             \
	}

typedef struct {
	sp_found_id id;
	sp_place place;
	const sp_error *text; /* text and hint, both ways; the code that it asks for */
} sp_finding;

/* Told what is found, as it is found. */
typedef void sp_finding_fn(void *ctx, const sp_finding *finding);

/* Fill in the first part; the rest is the check's. */
typedef struct {
	const char *name; /* of the package, for errors */
	sp_limits limits;
	const struct sp_trust *trust; /* whose packages count; NULL: anybody's */
	sp_job *job;         /* NULL: nobody looks or can cancel */
	sp_finding_fn *tell; /* NULL: nobody is told */
	void *ctx;
	bool goes_on; /* else the first damage ends the check, with an error */

	uint64_t found[SP_WEIGHTS];
	int64_t until; /* seconds of the clock that only runs */
} sp_checking;

/* Starts the clock and the counts. */
void sp_checking_begin(sp_checking *check);
/* "foreign" where something was tolerated, else "native". */
const char *sp_checking_profile(const sp_checking *check);
/* The code that what was found asks for: damage before newer before the rest. */
sp_code sp_checking_code(const sp_checking *check);

/* True, or false and an error where the job was cancelled or time is up. */
bool sp_checking_go_on(sp_checking *check, sp_error *err);

/* Progress, for the job if there is one; see sp_job_phase(), sp_job_add(). */
void sp_checking_phase(sp_checking *check, const char *phase, uint64_t rows);
void sp_checking_did(sp_checking *check, uint64_t bytes);

/*
 * Something was found. True where the check may go on; false and an error
 * (text, place and name in it) where it is damage, or newer, and that ends the
 * check. `format` is marked with N_() and says what, without saying where.
 */
bool sp_found(sp_checking *check, sp_error *err, sp_found_id id, const sp_place *place,
              const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The same for what nothing can be read behind: always false, with an error. */
bool sp_found_end(sp_checking *check, sp_error *err, sp_found_id id, const sp_place *place,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Both for a fixed text: untranslated, without anything to fill in. */
bool sp_found_text(sp_checking *check, sp_error *err, sp_found_id id, const sp_place *place,
                   const char *text);
bool sp_found_text_end(sp_checking *check, sp_error *err, sp_found_id id, const sp_place *place,
                       const char *text);

/* Appends the place as people read it, 'entry "x", line 3, byte 4, /a/b', nothing
 * where it isn't known; `translated`: in the user's language. */
void sp_place_text(sp_buf *to, const sp_place *place, bool translated);

#endif
