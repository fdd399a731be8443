#include <config.h>

#include "core/package/check.h"

#include <string.h>
#include <time.h>

#define DAMAGED  N_("Get the package anew from where it was made.")
#define REZIPPED N_("It was packed by another program; the package as it was made is safer.")
#define NEWER    N_("Read it with a newer spaceport.")
#define LIMITED  N_("If the package is trusted, raise the limit; see spaceport help validate.")

#define UNSIGNED                                                                                   \
	N_("Have it exported with --sign by somebody whose key you trust; without --trust it counts "  \
	   "whoever made it.")
#define UNTRUSTED                                                                                  \
	N_("Ask who made it for their public key, compare its fingerprint with them by another way "   \
	   "than the package came, and name it with --trust.")

#define DAMAGE(name)                                                                               \
	{                                                                                              \
		name, SP_WEIGHT_DAMAGE, DAMAGED                                                            \
	}
#define TOLERATED(name)                                                                            \
	{                                                                                              \
		name, SP_WEIGHT_TOLERATED, REZIPPED                                                        \
	}
#define DOUBT(name)                                                                                \
	{                                                                                              \
		name, SP_WEIGHT_DOUBT, NULL                                                                \
	}

const sp_found_kind sp_found_kinds[SP_FOUND_IDS] = {
	[SP_FOUND_NO_ZIP] = { "no-zip", SP_WEIGHT_DAMAGE,
	                      N_("Is it a package of spaceport, and all of it?") },
	[SP_FOUND_END_RECORD] = DAMAGE("end-record"),
	[SP_FOUND_APPENDED] = DAMAGE("appended"),
	[SP_FOUND_ZIP64] = DAMAGE("zip64"),
	[SP_FOUND_DIRECTORY] = DAMAGE("directory"),
	[SP_FOUND_GAP] = DAMAGE("gap"),
	[SP_FOUND_OVERLAP] = DAMAGE("overlap"),
	[SP_FOUND_LOCAL_HEADER] = DAMAGE("local-header"),
	[SP_FOUND_HEADERS_DIFFER] = DAMAGE("headers-differ"),
	[SP_FOUND_DESCRIPTOR] = DAMAGE("descriptor"),
	[SP_FOUND_ENCRYPTED] = DAMAGE("encrypted"),
	[SP_FOUND_FLAGS] = DAMAGE("flags"),
	[SP_FOUND_METHOD] = DAMAGE("method"),
	[SP_FOUND_VERSION_NEEDED] = DAMAGE("version-needed"),
	[SP_FOUND_SPLIT] = DAMAGE("split"),
	[SP_FOUND_TYPE] = DAMAGE("type"),
	[SP_FOUND_EXTRA_FIELD] = DAMAGE("extra-field"),
	[SP_FOUND_NAME] = DAMAGE("name"),
	[SP_FOUND_TWICE] = DAMAGE("twice"),
	[SP_FOUND_SIZE] = DAMAGE("size"),
	[SP_FOUND_DATA] = DAMAGE("data"),
	[SP_FOUND_LIMIT] = { "limit", SP_WEIGHT_DAMAGE, LIMITED },
	[SP_FOUND_ROOT_FOLDER] = TOLERATED("root-folder"),
	[SP_FOUND_FOLDER_ENTRY] = TOLERATED("folder-entry"),
	[SP_FOUND_COMMENT] = TOLERATED("comment"),
	[SP_FOUND_LITTER] = TOLERATED("litter"),
	[SP_FOUND_ODD_NAME] = TOLERATED("odd-name"),
	[SP_FOUND_ODD_EXTRA_FIELD] = TOLERATED("odd-extra-field"),
	[SP_FOUND_ODD_FLAGS] = TOLERATED("odd-flags"),
	[SP_FOUND_ODD_SYSTEM] = TOLERATED("odd-system"),
	[SP_FOUND_ODD_DESCRIPTOR] = TOLERATED("odd-descriptor"),
	[SP_FOUND_ORDER] = TOLERATED("order"),
	[SP_FOUND_LAYOUT] = { "layout", SP_WEIGHT_TOLERATED, NULL },
	[SP_FOUND_MISSING] = DAMAGE("missing"),
	[SP_FOUND_UNLISTED] = DAMAGE("unlisted"),
	[SP_FOUND_LIST] = DAMAGE("list"),
	[SP_FOUND_CHECKSUM] = DAMAGE("checksum"),
	[SP_FOUND_LISTED_SIZE] = DAMAGE("listed-size"),
	[SP_FOUND_LISTED_ROWS] = DAMAGE("listed-rows"),
	[SP_FOUND_MANIFEST] = DAMAGE("manifest"),
	[SP_FOUND_SIGNATURE] = DAMAGE("signature"),
	[SP_FOUND_UNSIGNED] = { "unsigned", SP_WEIGHT_DAMAGE, UNSIGNED },
	[SP_FOUND_UNTRUSTED] = { "untrusted", SP_WEIGHT_DAMAGE, UNTRUSTED },
	[SP_FOUND_COUNT] = DAMAGE("count"),
	[SP_FOUND_FORMAT] = { "format", SP_WEIGHT_NEWER, NULL },
	[SP_FOUND_NEWER_VERSION] = { "newer-version", SP_WEIGHT_NEWER, NEWER },
	[SP_FOUND_NEWER_MINOR] = { "newer-minor", SP_WEIGHT_DOUBT, NEWER },
	[SP_FOUND_NEWER_FEATURE] = { "newer-feature", SP_WEIGHT_NEWER, NEWER },
	[SP_FOUND_ODD_FEATURE] = { "odd-feature", SP_WEIGHT_DOUBT, NEWER },
	[SP_FOUND_STRUCTURE] = DAMAGE("structure"),
	[SP_FOUND_ODD_ENTRY] = DOUBT("odd-entry"),
	[SP_FOUND_JSON] = DAMAGE("json"),
	[SP_FOUND_SCHEMA] = DAMAGE("schema"),
	[SP_FOUND_ROW] = DAMAGE("row"),
	[SP_FOUND_BEYOND_JSONB] = DOUBT("beyond-jsonb"),
	[SP_FOUND_BEYOND_NUMERIC] = DOUBT("beyond-numeric"),
	[SP_FOUND_REFERENCE] = DAMAGE("reference"),
	[SP_FOUND_ODD_REFERENCE] = DOUBT("odd-reference"),
	[SP_FOUND_ODD_HASH] = DOUBT("odd-hash"),
	[SP_FOUND_SECRET] = { "secret", SP_WEIGHT_DOUBT,
	                      N_("Give it to nobody, or make such keys worthless.") },
	[SP_FOUND_MAPPING] = DAMAGE("mapping"),
	[SP_FOUND_WARNING] = DOUBT("warning"),
};

static sp_code weight_code(sp_weight weight)
{
	return weight == SP_WEIGHT_DAMAGE  ? SP_BAD_PACKAGE
	       : weight == SP_WEIGHT_NEWER ? SP_INCOMPATIBLE
	                                   : SP_WARNINGS;
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

void sp_checking_begin(sp_checking *check)
{
	memset(check->found, 0, sizeof check->found);
	check->until = now() + (int64_t)check->limits.seconds;
}

const char *sp_checking_profile(const sp_checking *check)
{
	return check->found[SP_WEIGHT_TOLERATED] ? "foreign" : "native";
}

sp_code sp_checking_code(const sp_checking *check)
{
	int weight;

	for (weight = SP_WEIGHTS - 1; weight >= 0; weight--) {
		if (check->found[weight])
			return weight_code((sp_weight)weight);
	}
	return SP_OK;
}

bool sp_checking_go_on(sp_checking *check, sp_error *err)
{
	static const sp_place nowhere = SP_NOWHERE;

	if (check->job && !sp_job_go_on(check->job, err))
		return false;
	return now() <= check->until || sp_found_end(check, err, SP_FOUND_LIMIT, &nowhere,
	                                             N_("reading it takes longer than %llu seconds"),
	                                             (unsigned long long)check->limits.seconds);
}

void sp_checking_phase(sp_checking *check, const char *phase, uint64_t rows)
{
	if (check->job)
		sp_job_phase(check->job, phase, rows);
}

void sp_checking_did(sp_checking *check, uint64_t bytes)
{
	if (check->job)
		sp_job_add(check->job, 0, bytes);
}

void sp_place_text(sp_buf *to, const sp_place *place, bool translated)
{
	if (place->entry)
		sp_buf_addf(to, translated ? _("entry \"%s\"") : "entry \"%s\"", place->entry);
	if (place->line > 0) {
		sp_buf_adds(to, to->len && place->entry ? ", " : "");
		sp_buf_addf(to, translated ? _("line %lld, byte %lld") : "line %lld, byte %lld",
		            (long long)place->line, (long long)place->column);
	}
	if (place->pointer && *place->pointer)
		sp_buf_addf(to, ", %s", place->pointer);
	if (place->offset >= 0) {
		sp_buf_adds(to, place->entry || place->line > 0 ? ", " : "");
		sp_buf_addf(to, translated ? _("offset %lld") : "offset %lld", (long long)place->offset);
	}
}

/* The finding as the error of the whole check. */
static char *whole_text(const sp_checking *check, const sp_finding *finding, bool translated)
{
	sp_buf text = { 0 };
	size_t before;

	sp_buf_addf(&text, "%s: ", check->name);
	before = text.len;
	sp_place_text(&text, &finding->place, translated);
	if (text.len > before)
		sp_buf_adds(&text, ": ");
	sp_buf_adds(&text, translated ? sp_error_text(finding->text) : sp_error_text_c(finding->text));
	return sp_buf_take(&text);
}

static bool fail_as(const sp_checking *check, const sp_finding *finding, sp_error *err)
{
	if (sp_error_is_set(err))
		return false;
	err->code = finding->text->code;
	err->text = whole_text(check, finding, true);
	err->text_c = whole_text(check, finding, false);
	err->hint = finding->text->hint ? strdup(finding->text->hint) : NULL;
	err->hint_c = finding->text->hint_c ? strdup(finding->text->hint_c) : NULL;
	return false;
}

__attribute__((format(printf, 6, 0))) static bool found(sp_checking *check, sp_error *err,
                                                        sp_found_id id, const sp_place *place,
                                                        bool ends, const char *format, va_list args)
{
	const sp_found_kind *kind = &sp_found_kinds[id];
	sp_error text = SP_ERROR_INIT;
	sp_finding finding = { id, *place, &text };
	bool goes_on;

	sp_vfail(&text, weight_code(kind->weight), kind->hint, format, args);
	check->found[kind->weight]++;
	if (check->tell)
		check->tell(check->ctx, &finding);
	goes_on = !ends && (check->goes_on || kind->weight < SP_WEIGHT_NEWER);
	if (!goes_on)
		fail_as(check, &finding, err);
	sp_error_clear(&text);
	return goes_on;
}

bool sp_found(sp_checking *check, sp_error *err, sp_found_id id, const sp_place *place,
              const char *format, ...)
{
	va_list args;
	bool goes_on;

	va_start(args, format);
	goes_on = found(check, err, id, place, false, format, args);
	va_end(args);
	return goes_on;
}

bool sp_found_end(sp_checking *check, sp_error *err, sp_found_id id, const sp_place *place,
                  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	found(check, err, id, place, true, format, args);
	va_end(args);
	return false;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
bool sp_found_text(sp_checking *check, sp_error *err, sp_found_id id, const sp_place *place,
                   const char *text)
{
	return sp_found(check, err, id, place, text);
}

bool sp_found_text_end(sp_checking *check, sp_error *err, sp_found_id id, const sp_place *place,
                       const char *text)
{
	return sp_found_end(check, err, id, place, text);
}
#pragma GCC diagnostic pop
