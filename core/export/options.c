#include <config.h>

#include "core/export/options.h"

#include <stdlib.h>
#include <string.h>

static bool add_text(const char ***list, int *count, const char *text, sp_error *err)
{
	const char **grown = reallocarray(*list, (size_t)*count + 1, sizeof *grown);

	if (!grown)
		return sp_fail_memory(err);
	grown[(*count)++] = text;
	*list = grown;
	return true;
}

static bool set_list(sp_export_options *o, const char *name, const char *value, sp_error *err)
{
	if (strcmp(name, "exclude-field") == 0)
		return add_text(&o->exclude_fields, &o->exclude_field_count, value, err);
	if (strcmp(name, "exclude-tag") == 0)
		return add_text(&o->exclude_tags, &o->exclude_tag_count, value, err);
	if (strcmp(name, "exclude-asset") == 0)
		return add_text(&o->exclude_assets, &o->exclude_asset_count, value, err);
	return sp_fail(err, SP_USAGE, NULL, N_("there is no option --%s"), name);
}

static bool set_format(sp_export_options *o, const char *value, sp_error *err)
{
	for (int i = SP_FILES_REFERENCE; i <= SP_FILES_EXTERNAL; i++)
		if (strcmp(sp_asset_formats[i], value) == 0) {
			o->asset_format = (sp_asset_format)i;
			return true;
		}
	return sp_fail(err, SP_USAGE, NULL, N_("--%s takes no value %s"), "asset-format", value);
}

static bool set_number(sp_export_options *o, const char *name, const char *value, sp_error *err)
{
	bool level = strcmp(name, "compression-level") == 0;
	char *end;
	long number = strtol(value, &end, 10);

	if (!*value || *end || number < (level ? 0 : 1) || number > (level ? 9 : 1023))
		return sp_fail(err, SP_USAGE, NULL, N_("--%s takes no value %s"), name, value);
	if (level)
		o->compression_level = (int)number;
	else
		o->max_line = (uint64_t)number << 20;
	return true;
}

bool sp_export_options_set(sp_export_options *o, const char *name, const char *value, sp_error *err)
{
	const struct {
		const char *name;
		bool *on;
	} flags[] = {
		{ "include-source-assets", &o->source_assets },
		{ "include-chunks", &o->chunks },
		{ "include-embeddings", &o->embeddings },
		{ "include-datasets", &o->datasets },
		{ "include-dependencies", &o->dependencies },
		{ "preserve-uuids", &o->preserve_uuids },
		{ "no-authors", &o->no_authors },
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (strcmp(flags[i].name, name) == 0) {
			*flags[i].on = strcmp(value, "yes") == 0;
			return true;
		}
	if (strcmp(name, "asset-format") == 0)
		return set_format(o, value, err);
	if (strcmp(name, "compression-level") == 0 || strcmp(name, "max-line") == 0)
		return set_number(o, name, value, err);
	if (strcmp(name, "target-instance-id") == 0) {
		o->target_instance = value;
		return true;
	}
	return set_list(o, name, value, err);
}

void sp_export_options_clear(sp_export_options *o)
{
	free(o->exclude_fields);
	free(o->exclude_tags);
	free(o->exclude_assets);
	o->exclude_fields = o->exclude_tags = o->exclude_assets = NULL;
	o->exclude_field_count = o->exclude_tag_count = o->exclude_asset_count = 0;
}
