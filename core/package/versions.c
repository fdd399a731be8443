#include <config.h>

#include "core/package/versions.h"

#include <stdlib.h>
#include <string.h>

#include "core/package/own_write.h"
#include "core/package/walk.h"

/* No real manifest has as many; a longer one is judged when it is read. */
#define PEEK_BYTES ((size_t)1 << 20)

bool sp_version_read(const char *text, unsigned long *major, unsigned long *minor)
{
	char *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	*major = strtoul(text, &end, 10);
	if (*end != '.' || end[1] < '0' || end[1] > '9')
		return false;
	*minor = strtoul(end + 1, &end, 10);
	return *end == '\0';
}

/* --- before anything is read --- */

static bool peek(sp_zip_reader *zip, const char *path, sp_json **json, sp_error *err)
{
	sp_error wrong = SP_ERROR_INIT;
	sp_buf text = { 0 };

	if (sp_zip_peek(zip, path, PEEK_BYTES, &text, err) && text.len && text.len < PEEK_BYTES)
		*json = sp_json_parse(text.data, text.len, path, &wrong);
	sp_buf_free(&text);
	if (sp_error_is_set(&wrong) && wrong.code != SP_BAD_PACKAGE)
		sp_error_move(err, &wrong);
	sp_error_clear(&wrong);
	return !sp_error_is_set(err);
}

bool sp_versions_peek(sp_zip_reader *zip, sp_says *says, sp_error *err)
{
	return peek(zip, SP_MANIFEST, &says->manifest, err) &&
	       peek(zip, SP_VERSION_INFO, &says->info, err);
}

void sp_versions_free(sp_says *says)
{
	sp_json_free(says->manifest);
	sp_json_free(says->info);
	*says = (sp_says){ NULL, NULL };
}

/* --- what of it is newer --- */

/* One thing that is; NULL as check: only looked for. */
typedef struct {
	sp_checking *check;
	sp_reads reads;
} look;

static const sp_place in_manifest = { SP_MANIFEST, -1, 0, 0 };
static const sp_place in_info = { SP_VERSION_INFO, -1, 0, 0 };

static void reads_at_most(look *look, sp_reads most)
{
	if (look->reads > most)
		look->reads = most;
}

static bool is_newer(unsigned long major, unsigned long minor)
{
	unsigned long own_major = 0, own_minor = 0;

	sp_version_read(SP_FORMAT_VERSION, &own_major, &own_minor);
	return major > own_major || (major == own_major && minor > own_minor);
}

static bool look_at_format(look *look, const sp_json *manifest, sp_error *err)
{
	const char *format = sp_json_text(manifest, "format");
	const char *version = sp_json_text(manifest, "format_version");
	unsigned long major = 0, minor = 0, own_major = 0, own_minor = 0;
	bool is_own = format && !strcmp(format, SP_FORMAT);

	if (!is_own || !sp_version_read(version, &major, &minor)) {
		reads_at_most(look, SP_READS_SUMS);
		return !look->check || sp_found_text(look->check, err, SP_FOUND_FORMAT, &in_manifest,
		                                     is_own ? N_("it doesn't say the version of its format")
		                                            : N_("not a package of spaceport"));
	}
	sp_version_read(SP_FORMAT_VERSION, &own_major, &own_minor);
	if (major > own_major)
		reads_at_most(look, SP_READS_SUMS);
	if (!look->check || !is_newer(major, minor))
		return true;
	return major > own_major
	           ? sp_found(look->check, err, SP_FOUND_NEWER_VERSION, &in_manifest,
	                      N_("this program can't read version %s of the format"), version)
	           : sp_found(look->check, err, SP_FOUND_NEWER_MINOR, &in_manifest,
	                      N_("version %s of the format may hold what this program leaves unread"),
	                      version);
}

static bool look_at_reader(look *look, const sp_json *info, sp_error *err)
{
	const char *least = sp_json_text(info, "minimum_reader_version");
	unsigned long major, minor;

	if (!info || !sp_json_get(info, "minimum_reader_version"))
		return true;
	if (!sp_version_read(least, &major, &minor))
		return !look->check || sp_found(look->check, err, SP_FOUND_MANIFEST, &in_info,
		                                N_("\"%s\" isn't a version"), least ? least : "?");
	if (!is_newer(major, minor))
		return true;
	reads_at_most(look, SP_READS_SUMS);
	return !look->check || sp_found(look->check, err, SP_FOUND_NEWER_VERSION, &in_info,
	                                N_("it needs a reader of version %s of the format"), least);
}

static bool look_at_type(look *look, const sp_json *manifest, sp_error *err)
{
	const char *type = sp_json_text(manifest, "package_type");

	if (type && !strcmp(type, "run"))
		return true;
	reads_at_most(look, SP_READS_LISTS);
	return !look->check ||
	       sp_found(look->check, err, SP_FOUND_NEWER_FEATURE, &in_manifest,
	                N_("this program doesn't know packages of the type \"%s\""), type ? type : "?");
}

static bool is_known(const char *feature)
{
	static const char *const known[] = { "inline_justifications", "embeddings",     "files",
		                                 "inline_files",          "external_files", "large_texts" };
	size_t i;

	for (i = 0; feature && i < sizeof known / sizeof *known; i++) {
		if (strcmp(known[i], feature) == 0)
			return true;
	}
	return false;
}

/* What a reader must understand, and what it may leave unread. */
static bool look_at_features(look *look, const sp_json *manifest, const char *list, sp_found_id id,
                             sp_error *err)
{
	const sp_json *feature = sp_json_first(sp_json_get(manifest, list));

	for (; feature; feature = sp_json_next(feature)) {
		const char *name = sp_json_value_text(feature);

		if (is_known(name))
			continue;
		if (id == SP_FOUND_NEWER_FEATURE)
			reads_at_most(look, SP_READS_LISTS);
		if (look->check &&
		    !sp_found(look->check, err, id, &in_manifest,
		              N_("this program doesn't know the feature \"%s\""), name ? name : "?"))
			return false;
	}
	return true;
}

/* What is said first decides whether the rest means what it seems to. */
static bool look_at_needs(look *look, const sp_says *says, sp_error *err)
{
	const sp_json *manifest = says->manifest;

	return look_at_reader(look, says->info, err) &&
	       (look->reads == SP_READS_SUMS || look_at_type(look, manifest, err)) &&
	       (look->reads < SP_READS_ALL ||
	        (look_at_features(look, manifest, "features", SP_FOUND_NEWER_FEATURE, err) &&
	         look_at_features(look, manifest, "optional_features", SP_FOUND_ODD_FEATURE, err)));
}

sp_reads sp_versions_reads(const sp_says *says)
{
	look look = { NULL, SP_READS_ALL };
	sp_error none = SP_ERROR_INIT;

	if (says->manifest && look_at_format(&look, says->manifest, &none) &&
	    look.reads == SP_READS_ALL)
		look_at_needs(&look, says, &none);
	return look.reads;
}

bool sp_versions_tell_format(sp_checking *check, const sp_says *says, sp_error *err)
{
	look look = { check, SP_READS_ALL };

	return look_at_format(&look, says->manifest, err);
}

bool sp_versions_tell_needs(sp_checking *check, const sp_says *says, sp_error *err)
{
	sp_says manifest_only = { says->manifest, NULL };
	look look = { check, SP_READS_ALL };

	return sp_versions_reads(&manifest_only) == SP_READS_SUMS || look_at_needs(&look, says, err);
}
