#include <config.h>

#include "core/package/foreign.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/model/secrets.h"

#define MAX_METADATA 64

bool sp_foreign_begin(sp_foreign *foreign, sp_walk *walk, sp_checking *check, bool deep,
                      sp_error *err)
{
	foreign->walk = walk;
	foreign->check = check;
	foreign->deep = deep;
	foreign->metadata = sp_json_object();
	if (!foreign->metadata)
		return sp_fail_memory(err);
	foreign->links = sp_links_create(walk, check, err);
	return foreign->links != NULL;
}

void sp_foreign_clear(sp_foreign *foreign)
{
	sp_links_free(foreign->links);
	sp_json_free(foreign->metadata);
	sp_error_clear(&foreign->error);
}

void sp_foreign_tell(sp_foreign *foreign, sp_found_id id, const char *what)
{
	sp_place place = sp_row_check_place(sp_walk_rows(foreign->walk));

	if (!sp_error_is_set(&foreign->error))
		sp_found_text(foreign->check, &foreign->error, id, &place, what);
}

void sp_foreign_say(sp_foreign *foreign, const char *key, const char *value, size_t len)
{
	sp_buf text = { 0 };

	if (!*key || sp_is_secret_key(key, strlen(key)) || foreign->metadata_count == MAX_METADATA)
		return;
	foreign->metadata_count++;
	sp_buf_add(&text, value, len);
	if (text.failed || !sp_json_add_text(foreign->metadata, key, sp_buf_text(&text)))
		sp_fail_memory(&foreign->error);
	sp_buf_free(&text);
}

bool sp_foreign_go_on(sp_foreign *foreign, sp_error *err)
{
	if (!sp_error_is_set(&foreign->error))
		return sp_links_go_on(foreign->links, err);
	sp_error_move(err, &foreign->error);
	return false;
}

bool sp_foreign_about(sp_foreign *foreign, const char *format, const char *version, sp_json *result)
{
	sp_json *metadata = foreign->metadata;
	bool ok = sp_json_add_text(result, "format", format) &&
	          sp_json_add_text(result, "format_version", version);

	foreign->metadata = NULL;
	return sp_json_add(result, "metadata", metadata) && ok;
}
