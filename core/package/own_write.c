#include <config.h>

#include "core/package/own_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sp_package {
	sp_zip_writer *zip;
	sp_spool *entries, *checksums;
	sp_buf path, kind; /* of the open entry */
	uint64_t count;
};

sp_package *sp_package_create(sp_out *out, const char *path, int level, sp_error *err)
{
	sp_package *package = calloc(1, sizeof(*package));

	if (!package) {
		sp_fail_memory(err);
		return NULL;
	}
	package->zip = sp_zip_writer_create(out, level, err);
	if (package->zip)
		package->entries = sp_spool_create(path, err);
	if (package->entries)
		package->checksums = sp_spool_create(path, err);
	if (!package->checksums) {
		sp_package_free(package);
		return NULL;
	}
	return package;
}

void sp_package_free(sp_package *package)
{
	if (!package)
		return;
	sp_zip_writer_free(package->zip);
	sp_spool_free(package->entries);
	sp_spool_free(package->checksums);
	sp_buf_free(&package->path);
	sp_buf_free(&package->kind);
	free(package);
}

bool sp_package_open(sp_package *package, const char *path, const char *kind, int64_t size,
                     bool store, sp_error *err)
{
	sp_buf_reset(&package->path);
	sp_buf_reset(&package->kind);
	sp_buf_adds(&package->path, path);
	sp_buf_adds(&package->kind, kind);
	if (package->path.failed || package->kind.failed)
		return sp_fail_memory(err);
	return sp_zip_begin(package->zip, path, size, store, err);
}

bool sp_package_write(sp_package *package, const void *data, size_t len, sp_error *err)
{
	return sp_zip_write(package->zip, data, len, err);
}

static bool list_entry(sp_package *package, const sp_zip_result *result, int64_t rows,
                       sp_error *err)
{
	sp_buf line = { 0 };
	bool ok;

	/* paths are made by this program: plain ASCII without quotes */
	sp_buf_addf(&line, "{\"path\":\"%s\",\"kind\":\"%s\"", package->path.data, package->kind.data);
	if (rows >= 0)
		sp_buf_addf(&line, ",\"rows\":%" PRId64, rows);
	sp_buf_addf(&line, ",\"size\":%" PRIu64 ",\"sha256\":\"%s\"}\n", result->size, result->sha256);
	ok = line.failed ? sp_fail_memory(err)
	                 : sp_spool_write(package->entries, line.data, line.len, err);
	sp_buf_free(&line);
	return ok;
}

static bool end_entry(sp_package *package, sp_zip_result *result, sp_error *err)
{
	sp_buf line = { 0 };
	bool ok;

	if (!sp_zip_end(package->zip, result, err))
		return false;
	sp_buf_addf(&line, "%s  %s\n", result->sha256, package->path.data);
	ok = line.failed ? sp_fail_memory(err)
	                 : sp_spool_write(package->checksums, line.data, line.len, err);
	sp_buf_free(&line);
	return ok;
}

bool sp_package_close(sp_package *package, int64_t rows, sp_zip_result *result, sp_error *err)
{
	sp_zip_result own;

	if (!result)
		result = &own;
	if (!end_entry(package, result, err))
		return false;
	package->count++;
	return list_entry(package, result, rows, err);
}

bool sp_package_entry(sp_package *package, const char *path, const char *kind, const void *data,
                      size_t len, int64_t rows, sp_error *err)
{
	return sp_package_open(package, path, kind, (int64_t)len, false, err) &&
	       sp_package_write(package, data, len, err) && sp_package_close(package, rows, NULL, err);
}

uint64_t sp_package_entries(const sp_package *package)
{
	return package->count;
}

static bool copy_spool(sp_package *package, sp_spool *spool, sp_error *err)
{
	char data[65536];
	size_t got;

	if (!sp_spool_rewind(spool, err))
		return false;
	do {
		if (!sp_spool_read(spool, data, sizeof(data), &got, err) ||
		    (got && !sp_package_write(package, data, got, err)))
			return false;
	} while (got);
	return true;
}

static bool write_manifest(sp_package *package, sp_json *manifest, const sp_zip_result *entries,
                           sp_error *err)
{
	sp_json *list = sp_json_add_object(manifest, "entries");
	sp_zip_result result;
	sp_buf text = { 0 };
	bool ok;

	sp_json_add_text(list, "path", "entries.jsonl");
	sp_json_add_int(list, "count", (int64_t)package->count);
	sp_json_add_int(list, "size", (int64_t)entries->size);
	if (!sp_json_add_text(list, "sha256", entries->sha256) || !sp_json_print(manifest, true, &text))
		ok = sp_fail_memory(err);
	else
		ok = sp_package_open(package, "manifest.json", "manifest", (int64_t)text.len, false, err) &&
		     sp_package_write(package, text.data, text.len, err) &&
		     end_entry(package, &result, err);
	sp_buf_free(&text);
	return ok;
}

bool sp_package_finish(sp_package *package, sp_json *manifest, sp_error *err)
{
	sp_zip_result entries;

	return sp_package_open(package, "entries.jsonl", "entries",
	                       (int64_t)sp_spool_size(package->entries), false, err) &&
	       copy_spool(package, package->entries, err) && end_entry(package, &entries, err) &&
	       write_manifest(package, manifest, &entries, err) &&
	       sp_package_open(package, "checksums.sha256", "checksums",
	                       (int64_t)sp_spool_size(package->checksums), false, err) &&
	       copy_spool(package, package->checksums, err) && sp_zip_end(package->zip, NULL, err) &&
	       sp_zip_finish(package->zip, err);
}
