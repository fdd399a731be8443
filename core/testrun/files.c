#include <config.h>

#include "core/testrun/internal.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

/* --- formats ------------------------------------------------------------------ */

/* Objects of a PDF and where they begin. */
typedef struct {
	sp_buf *to;
	size_t offsets[16];
	int count;
} pdf;

static void next_object(pdf *p)
{
	p->offsets[p->count++] = p->to->len;
	sp_buf_addf(p->to, "%d 0 obj\n", p->count);
}

static void add_page(pdf *p, const char *text, int page, int pages)
{
	sp_buf drawn = { 0 };

	sp_buf_addf(&drawn, "BT /F1 12 Tf 56 780 Td (%s, page %d of %d) Tj ET", text, page, pages);
	next_object(p);
	sp_buf_addf(p->to,
	            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
	            "/Resources << /Font << /F1 3 0 R >> >> >>\nendobj\n",
	            p->count + 1);
	next_object(p);
	sp_buf_addf(p->to, "<< /Length %zu >>\nstream\n%s\nendstream\nendobj\n", drawn.len,
	            sp_buf_text(&drawn));
	p->to->failed = p->to->failed || drawn.failed;
	sp_buf_free(&drawn);
}

/*
 * A PDF (ISO 32000-1) of up to six pages with a line of text each. `text` must
 * be free of brackets and backslashes.
 */
static void add_pdf(sp_buf *to, const char *text, int pages)
{
	pdf p = { .to = to };
	size_t start;
	int i;

	sp_buf_adds(to, "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n");
	next_object(&p);
	sp_buf_adds(to, "<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
	next_object(&p);
	sp_buf_adds(to, "<< /Type /Pages /Kids [");
	for (i = 0; i < pages; i++)
		sp_buf_addf(to, "%s%d 0 R", i ? " " : "", 4 + 2 * i);
	sp_buf_addf(to, "] /Count %d >>\nendobj\n", pages);
	next_object(&p);
	sp_buf_adds(to, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n");
	for (i = 1; i <= pages; i++)
		add_page(&p, text, i, pages);
	start = to->len;
	sp_buf_addf(to, "xref\n0 %d\n0000000000 65535 f \n", p.count + 1);
	for (i = 0; i < p.count; i++)
		sp_buf_addf(to, "%010zu 00000 n \n", p.offsets[i]);
	sp_buf_addf(to, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n", p.count + 1,
	            start);
}

static void put_u32(unsigned char *to, uint32_t n)
{
	to[0] = (unsigned char)(n >> 24);
	to[1] = (unsigned char)(n >> 16);
	to[2] = (unsigned char)(n >> 8);
	to[3] = (unsigned char)n;
}

static void add_png_chunk(sp_buf *to, const char *type, const unsigned char *data, size_t len)
{
	unsigned char number[4];
	uLong crc = crc32(crc32(0, (const Bytef *)type, 4), data, (uInt)len);

	put_u32(number, (uint32_t)len);
	sp_buf_add(to, number, 4);
	sp_buf_add(to, type, 4);
	sp_buf_add(to, data, len);
	put_u32(number, (uint32_t)crc);
	sp_buf_add(to, number, 4);
}

#define PNG_SIDE 16

/*
 * A small true-colour PNG (ISO/IEC 15948) of stripes. Its data is stored, not
 * deflated: what a deflater makes of it differs between versions.
 */
static bool add_png(sp_buf *to, uint64_t number, sp_error *err)
{
	unsigned char head[13] = { 0 }, lines[PNG_SIDE * (1 + 3 * PNG_SIDE)], data[sizeof(lines) + 64];
	uLongf len = sizeof(data);
	size_t x, y, i = 0;

	for (y = 0; y < PNG_SIDE; y++) {
		lines[i++] = 0; /* no filter */
		for (x = 0; x < PNG_SIDE; x++) {
			lines[i++] = (unsigned char)(number * 37 + x * 16);
			lines[i++] = (unsigned char)(number / 256 + y * 16);
			lines[i++] = (unsigned char)((x ^ y) * 8);
		}
	}
	if (compress2(data, &len, lines, sizeof(lines), Z_NO_COMPRESSION) != Z_OK)
		return sp_fail_memory(err);
	put_u32(head, PNG_SIDE);
	put_u32(head + 4, PNG_SIDE);
	head[8] = 8; /* bits a channel */
	head[9] = 2; /* red, green, blue */
	sp_buf_add(to, "\x89PNG\r\n\x1a\n", 8);
	add_png_chunk(to, "IHDR", head, sizeof(head));
	add_png_chunk(to, "IDAT", data, len);
	add_png_chunk(to, "IEND", (const unsigned char *)"", 0);
	return true;
}

static void add_csv(sp_buf *to, int64_t number)
{
	sp_buf_addf(
		to, "\xef\xbb\xbfid;name;share\r\n%lld;Größe;1.10\r\n%lld;\"a \"\"b\"\"; c\nd\";-0.0\r\n",
		(long long)number, (long long)number + 1);
}

static void add_mbox(sp_buf *to, int64_t number)
{
	sp_buf_addf(to,
	            "From made@example.org Sat Mar  2 08:00:00 2024\r\nSubject: Message %lld\r\n"
	            "From: made@example.org\r\n\r\nHello.\r\n>From here on it is quoted.\r\n",
	            (long long)number);
}

static void add_text(sp_buf *to, int64_t number)
{
	sp_buf_addf(
		to, "Note %lld\nسياسة الطاقة\n德国能源政策\n\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7\n",
		(long long)number);
}

/* --- which ------------------------------------------------------------------------ */

typedef enum { PDF, PNG, CSV, TEXT, MBOX } format;

/* The slots of a cycle that have a file, as in make_prepare.sql. */
static const struct {
	int pos;
	int like; /* the slot whose bytes these are */
	format format;
	int pages;
	const char *suffix;
} slots[] = {
	{ 0, 0, PDF, 1, ".pdf" },  { 1, 1, PDF, 2, ".pdf" },  { 5, 5, PNG, 0, ".png" },
	{ 6, 6, CSV, 0, ".csv" },  { 9, 9, TEXT, 0, ".txt" }, { 13, 13, MBOX, 0, ".mbox" },
	{ 15, 0, PDF, 1, ".pdf" },
};
#define SLOT_COUNT ((int64_t)(sizeof(slots) / sizeof(*slots)))

int64_t sp_testrun_file_cycles(const sp_testrun *run)
{
	int64_t cycles = (run->settings->assets + SP_CYCLE - 1) / SP_CYCLE;

	/* files that nothing could name */
	if (!sp_table_column(sp_catalog_table(run->catalog, "asset"), "blob_path"))
		return 0;
	return cycles > SP_FILE_CYCLES ? SP_FILE_CYCLES : cycles;
}

static bool is_there(const sp_testrun *run, int64_t index)
{
	return index / SLOT_COUNT < sp_testrun_file_cycles(run) &&
	       index / SLOT_COUNT * SP_CYCLE + slots[index % SLOT_COUNT].pos < run->settings->assets;
}

int64_t sp_testrun_file_count(const sp_testrun *run)
{
	int64_t count = 0;

	while (is_there(run, count))
		count++;
	return count;
}

static bool add_bytes(sp_testrun_file *file, int64_t number, int slot, int64_t seed, sp_error *err)
{
	sp_buf text = { 0 };

	switch (slots[slot].format) {
	case PDF:
		sp_buf_addf(&text, "Report %lld of seed %lld", (long long)number, (long long)seed);
		add_pdf(&file->bytes, sp_buf_text(&text), slots[slot].pages);
		file->bytes.failed = file->bytes.failed || text.failed;
		sp_buf_free(&text);
		break;
	case PNG:
		if (!add_png(&file->bytes, (uint64_t)number + (uint64_t)seed, err))
			return false;
		break;
	case CSV: add_csv(&file->bytes, number + seed % 1000); break;
	case TEXT: add_text(&file->bytes, number + seed % 1000); break;
	case MBOX: add_mbox(&file->bytes, number + seed % 1000); break;
	}
	return !file->bytes.failed || sp_fail_memory(err);
}

bool sp_testrun_file_at(sp_testrun *run, int64_t index, sp_testrun_file *file, sp_error *err)
{
	int slot = (int)(index % SLOT_COUNT);
	char uuid[SP_UUID_LEN + 1];
	sp_buf path = { 0 };

	*file = (sp_testrun_file){ .cycle = index / SLOT_COUNT, .pos = slots[slot].pos };
	if (!is_there(run, index) || !sp_testrun_uuid(run, "file", index, uuid, err))
		return false;
	sp_buf_addf(&path, "user_%lld/%s%s", (long long)run->actor->id, uuid, slots[slot].suffix);
	file->path = sp_buf_take(&path);
	if (!file->path)
		return sp_fail_memory(err);
	return add_bytes(file, file->cycle * SP_CYCLE + slots[slot].like + 1, slot, run->settings->seed,
	                 err);
}

void sp_testrun_file_free(sp_testrun_file *file)
{
	free(file->path);
	file->path = NULL;
	sp_buf_free(&file->bytes);
}
