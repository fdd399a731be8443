#include <config.h>

#include "core/package/version.h"

#include <stdlib.h>
#include <string.h>

#include "core/package/own_write.h"

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

bool sp_feature_is_known(const char *name)
{
	static const char *const known[] = { "inline_justifications", "embeddings",     "files",
		                                 "inline_files",          "external_files", "large_texts" };
	size_t i;

	for (i = 0; i < sizeof known / sizeof *known; i++) {
		if (strcmp(known[i], name) == 0)
			return true;
	}
	return false;
}

bool sp_version_is_readable(const char *text)
{
	unsigned long major, minor, own_major = 0, own_minor = 0;

	sp_version_read(SP_FORMAT_VERSION, &own_major, &own_minor);
	return sp_version_read(text, &major, &minor) &&
	       (major < own_major || (major == own_major && minor <= own_minor));
}

static bool is(const char *text, const char *what)
{
	return text && strcmp(text, what) == 0;
}

static bool knows_manifest(const sp_json *manifest)
{
	const sp_json *feature = sp_json_first(sp_json_get(manifest, "features"));
	unsigned long major, minor, own_major = 0, own_minor = 0;

	sp_version_read(SP_FORMAT_VERSION, &own_major, &own_minor);
	if (!is(sp_json_text(manifest, "format"), SP_FORMAT) ||
	    !is(sp_json_text(manifest, "package_type"), "run") ||
	    !sp_version_read(sp_json_text(manifest, "format_version"), &major, &minor) ||
	    major > own_major)
		return false;
	for (; feature; feature = sp_json_next(feature)) {
		if (sp_json_value_text(feature) && !sp_feature_is_known(sp_json_value_text(feature)))
			return false;
	}
	return true;
}

bool sp_is_understood(const sp_json *manifest, const sp_json *version_info)
{
	const char *least = sp_json_text(version_info, "minimum_reader_version");
	unsigned long major, minor;

	return (!manifest || knows_manifest(manifest)) &&
	       (!sp_version_read(least, &major, &minor) || sp_version_is_readable(least));
}
