#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "core/base/hash.h"
#include "core/package/own_write.h"
#include "tests/fuzz/driver.h"

/*
 * What stands in a package whose container and checksums are right: the input
 * is the manifest. Behind a byte 0xfe (which no UTF-8 has) and the number of an
 * entry comes another content for that entry; the lists are made to fit,
 * unless they are given. In the manifest "$S" and "$N" stand for the SHA-256
 * and size of the list of entries, as it is.
 */

#define MARK    0xfe
#define RUN     "11111111-1111-8111-8111-111111111111"
#define SCHEMA  "22222222-2222-8222-8222-222222222222"
#define ASSET   "33333333-3333-8333-8333-333333333333"
#define SPACE   "44444444-4444-8444-8444-444444444444"
#define NOTE    "66666666-6666-8666-8666-000000000001"
#define REASON  "77777777-7777-8777-8777-000000000001"
#define CHUNK   "88888888-8888-8888-8888-000000000001"
#define UUID(s) "{\"kind\":\"x\",\"uuid\":\"" s "\",\"source_id\":7,\"source_uuid\":\"" s "\"}"

/* `listed`: its line in entries.jsonl says so much of it; NULL: it has none. */
static const struct {
	const char *path, *listed, *content;
} entries[] = {
	{ "run/run_metadata.json", "\"run\",\"rows\":1",
	  "{\"id\":\"" RUN "\",\"infospace_id\":\"" SPACE "\"}\n" },
	{ "run/configuration.json", "\"configuration\"", "null\n" },
	{ "run/target_assets.json", "\"target_assets\"",
	  "[{\"uuid\":\"" ASSET "\",\"travels\":true}]\n" },
	{ "schemas/primary_schemas.json", "\"schema\",\"rows\":1", "[{\"id\":\"" SCHEMA "\"}]\n" },
	{ "schemas/dependency_schemas.json", "\"schema\",\"rows\":0", "[]\n" },
	{ "annotations/annotations.jsonl", "\"annotation\",\"rows\":1",
	  "{\"id\":\"" NOTE "\",\"run_id\":\"" RUN "\",\"schema_id\":\"" SCHEMA
	  "\",\"asset_id\":\"" ASSET
	  "\",\"__refs\":[{\"path\":\"/a\",\"form\":\"number\",\"uuid\":\"" RUN "\"}]}\n" },
	{ "annotations/justifications.jsonl", "\"justification\",\"rows\":1",
	  "{\"id\":\"" REASON "\",\"annotation_id\":\"" NOTE "\"}\n" },
	{ "assets/metadata/asset_1.json", "\"asset\",\"rows\":1",
	  "{\"id\":\"" ASSET "\",\"__file\":{\"size\":1,\"path\":\"assets/files/asset_1_file\"}}\n" },
	{ "assets/files/asset_1_file", "\"file\"", "x" },
	{ "assets/chunks/asset_1_chunks.jsonl", "\"chunk\",\"rows\":1",
	  "{\"id\":\"" CHUNK "\",\"asset_id\":\"" ASSET "\",\"__texts\":{\"a\":\"texts/a_1.txt\"}}\n" },
	{ "assets/embeddings/asset_1_2.jsonl", "\"embedding\",\"rows\":1",
	  "{\"id\":\"" CHUNK "\",\"asset_id\":\"" ASSET
	  "\",\"chunk_index\":0,\"column\":\"e\",\"embedding\":[1,2]}\n" },
	{ "texts/a_1.txt", "\"text\"", "x" },
	{ "compatibility/instance_mapping.json", "\"instance_mapping\",\"rows\":7",
	  "{\"instance\":\"" SPACE
	  "\",\"row_count\":6,\"rows\":[" UUID(RUN) "," UUID(SCHEMA) "," UUID(ASSET) "," UUID(NOTE) "," UUID(
		  CHUNK) ",{\"external\":true,\"kind\":\"infospace\",\"source_id\":7,\"source_uuid\":\"" SPACE
	             "\",\"uuid\":\"" SPACE "\"}]}\n" },
	{ "compatibility/version_info.json", "\"version_info\"",
	  "{\"format\":\"spaceport\",\"format_version\":\"" SP_FORMAT_VERSION
	  "\",\"minimum_reader_version\":\"0.1\"}\n" },
	{ "entries.jsonl", NULL, NULL },
	{ "manifest.json", NULL, NULL },
	{ "checksums.sha256", NULL, NULL },
};

enum { ENTRIES = 14, MANIFEST, SUMS, COUNT };
_Static_assert(sizeof entries / sizeof *entries == COUNT, "COUNT");

typedef struct {
	sp_buf content[COUNT];
	bool given[COUNT];
	char sha256[COUNT][SP_SHA256_HEX + 1];
	sp_sha256 *sha;
	sp_buf file, directory;
} package;

static void take_input(package *p, const char *data, size_t len)
{
	const char *end = data + len, *stop;
	int number = MANIFEST;

	for (;;) {
		stop = memchr(data, MARK, (size_t)(end - data));
		p->given[number] = true;
		p->content[number].len = 0;
		sp_buf_add(&p->content[number], data, (size_t)((stop ? stop : end) - data));
		if (!stop || end - stop < 2)
			return;
		number = (unsigned char)stop[1] % COUNT;
		data = stop + 2;
	}
}

static void hash(package *p, int number)
{
	sp_sha256_update(p->sha, p->content[number].data, p->content[number].len);
	fuzz_expect(sp_sha256_hex(p->sha, p->sha256[number]), "SHA-256 works");
}

static void list_entries(package *p)
{
	int i;

	for (i = 0; i < ENTRIES; i++) {
		if (!p->given[i])
			sp_buf_adds(&p->content[i], entries[i].content);
		hash(p, i);
		if (!p->given[ENTRIES])
			sp_buf_addf(&p->content[ENTRIES],
			            "{\"path\":\"%s\",\"kind\":%s,\"size\":%zu,\"sha256\":\"%s\"}\n",
			            entries[i].path, entries[i].listed, p->content[i].len, p->sha256[i]);
	}
	hash(p, ENTRIES);
}

/* "$S" and "$N" become what they stand for. */
static void fill_manifest(package *p)
{
	sp_buf filled = { 0 }, *given = &p->content[MANIFEST];
	size_t i;

	for (i = 0; i < given->len; i++) {
		char next = i + 1 < given->len ? given->data[i + 1] : 0;

		if (given->data[i] == '$' && next == 'S')
			sp_buf_adds(&filled, p->sha256[ENTRIES]);
		else if (given->data[i] == '$' && next == 'N')
			sp_buf_addf(&filled, "%zu", p->content[ENTRIES].len);
		else
			sp_buf_addc(&filled, given->data[i]);
		i += given->data[i] == '$' && (next == 'S' || next == 'N');
	}
	sp_buf_free(given);
	*given = filled;
	hash(p, MANIFEST);
}

static void list_sums(package *p)
{
	int i;

	for (i = 0; i < SUMS && !p->given[SUMS]; i++)
		sp_buf_addf(&p->content[SUMS], "%s  %s\n", p->sha256[i], entries[i].path);
}

/* --- the ZIP: nothing is compressed --- */

static void add_number(sp_buf *to, uint32_t number, int bytes)
{
	for (; bytes-- > 0; number >>= 8)
		sp_buf_addc(to, (char)(number & 0xff));
}

/* What stands in both headers alike. */
static void add_facts(package *p, sp_buf *to, int number)
{
	const sp_buf *content = &p->content[number];

	add_number(to, 10, 2);
	add_number(to, 0, 4);
	add_number(to, 0x00210000, 4);
	add_number(to, (uint32_t)crc32(0, (const Bytef *)sp_buf_text(content), (uInt)content->len), 4);
	add_number(to, (uint32_t)content->len, 4);
	add_number(to, (uint32_t)content->len, 4);
	add_number(to, (uint32_t)strlen(entries[number].path), 2);
	add_number(to, 0, 2);
}

static void add_entry(package *p, int number)
{
	sp_buf *file = &p->file, *directory = &p->directory;
	uint32_t offset = (uint32_t)file->len;

	add_number(file, 0x04034b50, 4);
	add_facts(p, file, number);
	sp_buf_adds(file, entries[number].path);
	sp_buf_add(file, sp_buf_text(&p->content[number]), p->content[number].len);
	add_number(directory, 0x02014b50, 4);
	add_number(directory, 3 << 8 | 20, 2);
	add_facts(p, directory, number);
	add_number(directory, 0, 6);
	add_number(directory, 0100644u << 16, 4);
	add_number(directory, offset, 4);
	sp_buf_adds(directory, entries[number].path);
}

static void finish(package *p)
{
	uint32_t offset = (uint32_t)p->file.len;

	sp_buf_add(&p->file, p->directory.data, p->directory.len);
	add_number(&p->file, 0x06054b50, 4);
	add_number(&p->file, 0, 4);
	add_number(&p->file, COUNT, 2);
	add_number(&p->file, COUNT, 2);
	add_number(&p->file, (uint32_t)p->directory.len, 4);
	add_number(&p->file, offset, 4);
	add_number(&p->file, 0, 2);
}

void fuzz_one(const unsigned char *data, size_t len)
{
	package p = { 0 };
	sp_error err = SP_ERROR_INIT;
	int i;

	p.sha = sp_sha256_create(&err);
	fuzz_expect(p.sha != NULL, "SHA-256 works");
	take_input(&p, (const char *)data, len);
	list_entries(&p);
	fill_manifest(&p);
	list_sums(&p);
	for (i = 0; i < COUNT; i++)
		add_entry(&p, i);
	finish(&p);
	fuzz_validate(fuzz_file(p.file.data, p.file.len));
	for (i = 0; i < COUNT; i++)
		sp_buf_free(&p.content[i]);
	sp_buf_free(&p.file);
	sp_buf_free(&p.directory);
	sp_sha256_free(p.sha);
}
