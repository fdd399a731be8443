#include <config.h>

#include "core/package/zip_scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/file.h"
#include "core/package/keys.h"
#include "core/package/zip_end.h"
#include "core/package/zip_extra.h"
#include "core/package/zip_layout.h"
#include "core/package/zip_name.h"

#define MAX_NAME  4096
#define MAX_EXTRA 1024
/* holds the longest header of one entry, with its comment */
#define WINDOW_BYTES ((size_t)256 << 10)
#define MAX_ROOT     255
/* where an average is a bomb's, and not one odd entry's */
#define RATIO_FROM ((uint64_t)64 << 20)
/* deflate's best: 258 bytes for two bits (RFC 1951) */
#define MOST_TIMES 1032

#define SYSTEM_UNIX 3
#define DOS_FOLDER  0x10u
#define DOS_VOLUME  0x08u

/* An entry, as the directory has it. */
typedef struct {
	uint16_t maker, needed, flags, method, time, date;
	uint32_t crc, attributes;
	uint64_t packed, size, offset;
	size_t name_len;
	uint64_t data; /* where its bytes begin; from its local header */
	bool is_zip64; /* its local header is */
	bool is_folder, is_litter;
	char name[MAX_NAME + 1];
} header;

struct sp_zip_scan {
	sp_checking *check;
	int fd;
	struct stat before;
	sp_zip_end end;

	unsigned char *window; /* of the directory */
	size_t pos, fill;
	uint64_t at;   /* offset of window[pos] */
	uint64_t done; /* entries of the directory */

	header slots[2], *entry; /* the current one is one of both */
	char root[MAX_ROOT + 2]; /* with its slash; "": none */
	bool holds_manifest;     /* the root does */
	unsigned char *local;    /* a local header */

	/* while it is scanned */
	sp_sha256 *sha;
	/* notes: number in the directory and whether it is a folder; offset */
	sp_keys *names, *folders;
	char last_folder[MAX_NAME + 1];
	uint64_t total;
	bool told[SP_FOUND_IDS]; /* what is tolerated is told once a kind */
};

static sp_place here(const sp_zip_scan *scan, int64_t offset)
{
	const char *name = scan->entry->name;

	return (sp_place){ *name ? name : NULL, offset, 0, 0 };
}

#define END(scan, offset, id, ...)                                                                 \
	do {                                                                                           \
		sp_place place_ = here(scan, (int64_t)(offset));                                           \
		return sp_found_end((scan)->check, err, id, &place_, __VA_ARGS__);                         \
	} while (0)

static bool fail_changed(const sp_zip_scan *scan, sp_error *err)
{
	return sp_fail(err, SP_FAILED, N_("Try again when no program writes it."),
	               N_("%s: the file was changed while it was read"), scan->check->name);
}

static const char *const tolerated[SP_FOUND_IDS] = {
	[SP_FOUND_ROOT_FOLDER] = N_("everything is in a folder"),
	[SP_FOUND_FOLDER_ENTRY] = N_("folders have entries"),
	[SP_FOUND_COMMENT] = N_("an entry has a comment"),
	[SP_FOUND_LITTER] =
		N_("what a system or a packing program left is among the entries; it isn't read"),
	[SP_FOUND_ODD_NAME] = N_("a name that spaceport doesn't give"),
	[SP_FOUND_ODD_EXTRA_FIELD] = N_("an extra field that spaceport doesn't write"),
	[SP_FOUND_ODD_FLAGS] = N_("a flag that spaceport doesn't set"),
	[SP_FOUND_ODD_SYSTEM] = N_("made on a system whose file attributes aren't Unix's"),
	[SP_FOUND_ODD_DESCRIPTOR] = N_("a data descriptor without its signature"),
};

/* Something that makes the file foreign, told once. */
static bool tolerate(sp_zip_scan *scan, bool when, sp_found_id id, sp_error *err)
{
	sp_place place = here(scan, (int64_t)scan->entry->offset);

	if (!when)
		return true;
	if (scan->told[id])
		return true;
	scan->told[id] = true;
	return sp_found_text(scan->check, err, id, &place, tolerated[id]);
}

/* --- the directory, as a stream --- */

static void rewind_scan(sp_zip_scan *scan)
{
	scan->pos = scan->fill = 0;
	scan->at = scan->end.directory;
	scan->done = 0;
	scan->entry->name[0] = '\0';
}

/* The next `len` bytes of the directory; NULL without an error where it ends
 * before. */
static const unsigned char *take(sp_zip_scan *scan, size_t len, sp_error *err)
{
	const unsigned char *bytes;
	size_t keep = scan->fill - scan->pos, got;
	uint64_t left = scan->end.directory_end - scan->at;

	if (len > left)
		return NULL;
	if (keep < len) {
		memmove(scan->window, scan->window + scan->pos, keep);
		got = left < WINDOW_BYTES ? (size_t)left : WINDOW_BYTES;
		if (!sp_read_at(scan->fd, scan->check->name, scan->window + keep, got - keep,
		                scan->at + keep, &got, err))
			return NULL;
		scan->pos = 0;
		scan->fill = keep + got;
		if (scan->fill < len)
			return NULL;
	}
	bytes = scan->window + scan->pos;
	scan->pos += len;
	scan->at += len;
	return bytes;
}

static bool fail_directory(sp_zip_scan *scan, uint64_t offset, sp_error *err)
{
	if (sp_error_is_set(err))
		return false;
	END(scan, offset, SP_FOUND_DIRECTORY, N_("the directory breaks off at entry %llu of %llu"),
	    (unsigned long long)scan->done + 1, (unsigned long long)scan->end.count);
}

/* The numbers that stand in the zip64 field instead of the header. */
static bool widen(header *h, const sp_zip_extra *extra)
{
	uint64_t *const wide[] = { &h->size, &h->packed, &h->offset };
	int i, used = 0;

	for (i = 0; i < 3; i++) {
		if (*wide[i] != SP_ZIP_MAX32)
			continue;
		if (used == extra->numbers)
			return false;
		*wide[i] = extra->zip64[used++];
	}
	return used == extra->numbers;
}

static void take_fields(header *h, const unsigned char *r)
{
	*h = (header){
		.maker = sp_zip_16(r + 4),
		.needed = sp_zip_16(r + 6),
		.flags = sp_zip_16(r + 8),
		.method = sp_zip_16(r + 10),
		.time = sp_zip_16(r + 12),
		.date = sp_zip_16(r + 14),
		.crc = sp_zip_32(r + 16),
		.packed = sp_zip_32(r + 20),
		.size = sp_zip_32(r + 24),
		.name_len = sp_zip_16(r + 28),
		.attributes = sp_zip_32(r + 38),
		.offset = sp_zip_32(r + 42),
	};
}

/* The name as far as it can be told where something is wrong with it. */
static void take_name(sp_zip_scan *scan, const unsigned char *bytes)
{
	size_t len = scan->entry->name_len < MAX_NAME ? scan->entry->name_len : MAX_NAME;

	memcpy(scan->entry->name, bytes, len);
	scan->entry->name[len] = '\0';
}

/* The extra fields; a second name in them must be the first. */
static bool read_extra(const header *h, const unsigned char *bytes, size_t len, sp_zip_extra *extra)
{
	return len <= MAX_EXTRA && sp_zip_extra_read(bytes, len, extra) &&
	       (!extra->name || (extra->name_len == h->name_len && h->name_len <= MAX_NAME &&
	                         memcmp(extra->name, h->name, h->name_len) == 0));
}

static bool read_entry(sp_zip_scan *scan, sp_error *err)
{
	uint64_t offset = scan->at;
	const unsigned char *r = take(scan, SP_ZIP_CENTRAL_BYTES, err);
	size_t extra_len, comment, disk, inner;
	sp_zip_extra extra;
	header *h = scan->entry;

	scan->entry->name[0] = '\0';
	if (!r || sp_zip_32(r) != SP_ZIP_CENTRAL)
		return fail_directory(scan, offset, err);
	take_fields(h, r);
	extra_len = sp_zip_16(r + 30);
	comment = sp_zip_16(r + 32);
	disk = sp_zip_16(r + 34);
	inner = sp_zip_16(r + 36);
	r = take(scan, h->name_len + extra_len + comment, err);
	if (!r)
		return fail_directory(scan, offset, err);
	take_name(scan, r);
	if (disk != 0)
		END(scan, offset, SP_FOUND_SPLIT, N_("it begins on another disk"));
	if (inner > 1)
		END(scan, offset, SP_FOUND_FLAGS, N_("odd internal attributes"));
	if (!read_extra(h, r + h->name_len, extra_len, &extra))
		END(scan, offset, SP_FOUND_EXTRA_FIELD, N_("an extra field that isn't allowed"));
	if (!widen(h, &extra))
		END(scan, offset, SP_FOUND_ZIP64, N_("its zip64 field doesn't fit its header"));
	scan->done++;
	return tolerate(scan, extra.is_odd, SP_FOUND_ODD_EXTRA_FIELD, err) &&
	       tolerate(scan, comment > 0, SP_FOUND_COMMENT, err);
}

/* --- what an entry may be --- */

static bool check_flags(sp_zip_scan *scan, sp_error *err)
{
	const header *h = scan->entry;
	unsigned known = SP_ZIP_FLAG_DESCRIPTOR | SP_ZIP_FLAG_LEVEL | SP_ZIP_FLAG_UTF8;

	if (h->flags & SP_ZIP_FLAG_ENCRYPTED)
		END(scan, h->offset, SP_FOUND_ENCRYPTED, N_("it is encrypted"));
	if (h->flags & ~known)
		END(scan, h->offset, SP_FOUND_FLAGS, N_("flags %#x"), (unsigned)h->flags);
	if (h->method != 0 && h->method != 8)
		END(scan, h->offset, SP_FOUND_METHOD, N_("compression method %u"), (unsigned)h->method);
	if (h->needed > 45)
		END(scan, h->offset, SP_FOUND_VERSION_NEEDED, N_("it needs version %u of ZIP"),
		    (unsigned)h->needed);
	return tolerate(scan, (h->flags & SP_ZIP_FLAG_LEVEL) != 0, SP_FOUND_ODD_FLAGS, err);
}

/* Programs that don't know a system's attributes look at them all the same. */
static bool check_type(sp_zip_scan *scan, sp_error *err)
{
	header *h = scan->entry;
	unsigned type = h->attributes >> 28, folder = h->attributes & DOS_FOLDER;

	h->is_folder = h->name_len && scan->entry->name[h->name_len - 1] == '/';
	/* Unix: 010 a file, 004 a folder; 0 where only the DOS attributes count */
	if ((type != 0 && type != (h->is_folder ? 4 : 8)) || (folder && !h->is_folder) ||
	    (h->attributes & DOS_VOLUME))
		END(scan, h->offset, SP_FOUND_TYPE, N_("not a regular file"));
	if (h->is_folder && (h->size || h->packed > 2))
		END(scan, h->offset, SP_FOUND_TYPE, N_("a folder with content"));
	return tolerate(scan, h->maker >> 8 != SYSTEM_UNIX, SP_FOUND_ODD_SYSTEM, err) &&
	       tolerate(scan, h->is_folder, SP_FOUND_FOLDER_ENTRY, err);
}

static bool check_name(sp_zip_scan *scan, sp_error *err)
{
	header *h = scan->entry;
	const char *why;
	sp_name_verdict verdict =
		sp_zip_name_check(scan->entry->name, h->name_len, (h->flags & SP_ZIP_FLAG_UTF8) != 0, &why);
	sp_place place = here(scan, (int64_t)h->offset);

	if (verdict == SP_NAME_BAD)
		return sp_found_text_end(scan->check, err, SP_FOUND_NAME, &place, why);
	h->is_litter = sp_zip_name_is_litter(scan->entry->name, h->name_len);
	if (h->is_litter)
		return tolerate(scan, true, SP_FOUND_LITTER, err);
	return tolerate(scan, verdict == SP_NAME_ODD, SP_FOUND_ODD_NAME, err);
}

static bool check_size(sp_zip_scan *scan, sp_error *err)
{
	const header *h = scan->entry;
	const sp_limits *limits = &scan->check->limits;

	if (h->method == 0 ? h->packed != h->size : !h->packed || h->size / MOST_TIMES > h->packed)
		END(scan, h->offset, SP_FOUND_SIZE, N_("%llu bytes can't become %llu bytes"),
		    (unsigned long long)h->packed, (unsigned long long)h->size);
	if (h->size > limits->entry_size)
		END(scan, h->offset, SP_FOUND_LIMIT, N_("%llu bytes, more than the limit of %llu"),
		    (unsigned long long)h->size, (unsigned long long)limits->entry_size);
	scan->total += h->size;
	if (scan->total > limits->total_size)
		END(scan, h->offset, SP_FOUND_LIMIT,
		    N_("with it the package unpacks to %llu bytes, more than the limit of %llu"),
		    (unsigned long long)scan->total, (unsigned long long)limits->total_size);
	if (scan->total > RATIO_FROM && scan->total / limits->ratio > (uint64_t)scan->before.st_size)
		END(scan, h->offset, SP_FOUND_LIMIT,
		    N_("the package unpacks to more than %llu times its size"),
		    (unsigned long long)limits->ratio);
	return true;
}

/* --- the local header --- */

/* With a descriptor, the numbers may be left to it. */
static bool same_or_later(const header *h, uint64_t local, uint64_t central)
{
	return local == central || ((h->flags & SP_ZIP_FLAG_DESCRIPTOR) && local == 0);
}

static bool same_sizes(header *h, const unsigned char *r, const sp_zip_extra *extra)
{
	uint64_t packed = sp_zip_32(r + 18), size = sp_zip_32(r + 22);

	h->is_zip64 = extra->has_zip64;
	if (extra->has_zip64) {
		if (packed != SP_ZIP_MAX32 || size != SP_ZIP_MAX32 || extra->numbers != 2)
			return false;
		size = extra->zip64[0];
		packed = extra->zip64[1];
	}
	return same_or_later(h, sp_zip_32(r + 14), h->crc) && same_or_later(h, size, h->size) &&
	       same_or_later(h, packed, h->packed);
}

static bool compare_headers(sp_zip_scan *scan, const unsigned char *r, size_t got, sp_error *err)
{
	header *h = scan->entry;
	size_t name_len = sp_zip_16(r + 26), extra_len = sp_zip_16(r + 28);
	sp_zip_extra extra;

	if (name_len != h->name_len || got < SP_ZIP_LOCAL_BYTES + name_len ||
	    memcmp(r + SP_ZIP_LOCAL_BYTES, scan->entry->name, name_len) != 0)
		END(scan, h->offset, SP_FOUND_HEADERS_DIFFER,
		    N_("its own header has another name than the directory"));
	if (sp_zip_16(r + 4) != h->needed || sp_zip_16(r + 6) != h->flags ||
	    sp_zip_16(r + 8) != h->method || sp_zip_16(r + 10) != h->time ||
	    sp_zip_16(r + 12) != h->date)
		END(scan, h->offset, SP_FOUND_HEADERS_DIFFER,
		    N_("its own header says otherwise than the directory"));
	if (got < SP_ZIP_LOCAL_BYTES + name_len + extra_len ||
	    !read_extra(h, r + SP_ZIP_LOCAL_BYTES + name_len, extra_len, &extra))
		END(scan, h->offset, SP_FOUND_EXTRA_FIELD, N_("an extra field that isn't allowed"));
	if (!same_sizes(h, r, &extra))
		END(scan, h->offset, SP_FOUND_HEADERS_DIFFER,
		    N_("its own header has other sizes or another CRC than the directory"));
	h->data = h->offset + SP_ZIP_LOCAL_BYTES + name_len + extra_len;
	return tolerate(scan, extra.is_odd, SP_FOUND_ODD_EXTRA_FIELD, err);
}

static bool read_local(sp_zip_scan *scan, sp_error *err)
{
	header *h = scan->entry;
	uint64_t room = scan->end.directory - h->offset;
	size_t len = SP_ZIP_LOCAL_BYTES + h->name_len + MAX_EXTRA, got;

	if (h->offset > scan->end.directory)
		END(scan, h->offset, SP_FOUND_DIRECTORY,
		    N_("the directory says that it begins behind the entries"));
	if (len > room)
		len = (size_t)room;
	if (!sp_read_at(scan->fd, scan->check->name, scan->local, len, h->offset, &got, err))
		return false;
	if (got < SP_ZIP_LOCAL_BYTES || sp_zip_32(scan->local) != SP_ZIP_LOCAL)
		END(scan, h->offset, SP_FOUND_LOCAL_HEADER,
		    N_("there is no entry where the directory says"));
	return compare_headers(scan, scan->local, got, err);
}

/* --- the end of an entry --- */

/* What follows the bytes, up to where the next entry begins. */
static bool check_descriptor(sp_zip_scan *scan, uint64_t at, size_t len, sp_error *err)
{
	const header *h = scan->entry;
	unsigned char bytes[24], *r = bytes;
	size_t wide = h->is_zip64 ? 20 : 12, got;
	bool same;

	if (len != wide && len != wide + 4)
		END(scan, at, SP_FOUND_DESCRIPTOR, N_("its data descriptor has %zu bytes"), len);
	if (!sp_read_at(scan->fd, scan->check->name, bytes, len, at, &got, err))
		return false;
	if (len == wide + 4) {
		if (sp_zip_32(r) != SP_ZIP_DESCRIPTOR)
			END(scan, at, SP_FOUND_DESCRIPTOR, N_("its data descriptor isn't one"));
		r += 4;
	}
	same = h->is_zip64 ? sp_zip_64(r + 4) == h->packed && sp_zip_64(r + 12) == h->size
	                   : sp_zip_32(r + 4) == h->packed && sp_zip_32(r + 8) == h->size;
	if (got < len || !same || sp_zip_32(r) != h->crc)
		END(scan, at, SP_FOUND_DESCRIPTOR,
		    N_("its data descriptor says otherwise than the directory"));
	return tolerate(scan, len == wide, SP_FOUND_ODD_DESCRIPTOR, err);
}

/* `next`: where the next entry, or the directory, begins. */
static bool end_entry(sp_zip_scan *scan, uint64_t next, sp_error *err)
{
	const header *h = scan->entry;
	uint64_t end, most = h->flags & SP_ZIP_FLAG_DESCRIPTOR ? 24 : 0;

	if (h->data > next || h->packed > next - h->data)
		END(scan, h->offset, SP_FOUND_OVERLAP,
		    N_("it reaches over the place where the next begins, %llu"), (unsigned long long)next);
	end = h->data + h->packed;
	if (next - end > most)
		END(scan, end, SP_FOUND_GAP, N_("%llu bytes behind it belong to no entry"),
		    (unsigned long long)(next - end));
	return !most || check_descriptor(scan, end, (size_t)(next - end), err);
}

/* --- names --- */

static bool add_key(sp_zip_scan *scan, sp_keys *keys, size_t len, sp_error *err)
{
	sp_key key = { .note = { scan->done << 1 | scan->entry->is_folder, scan->entry->offset } };

	return sp_key_of_text(scan->sha, scan->entry->name, len, true, key.bytes, err) &&
	       sp_keys_add(keys, &key, err);
}

/* The name, and the folders that it needs: neither may be there as a file. */
static bool note_name(sp_zip_scan *scan, sp_error *err)
{
	const char *name = scan->entry->name, *slash;
	size_t len = scan->entry->name_len - scan->entry->is_folder, i;

	if (!add_key(scan, scan->names, len, err))
		return false;
	slash = memrchr(name, '/', len);
	len = slash ? (size_t)(slash + 1 - name) : 0;
	for (i = len; i-- > 0;) {
		if (name[i] != '/')
			continue;
		/* of the entries in one folder, the first has noted it */
		if (strncmp(scan->last_folder, name, i + 1) == 0)
			break;
		if (!add_key(scan, scan->folders, i, err))
			return false;
	}
	memcpy(scan->last_folder, name, len);
	scan->last_folder[len] = '\0';
	return true;
}

/* A folder around everything, the manifest too: the first part of the first
 * name, as long as all others begin so. */
static void note_root(sp_zip_scan *scan, bool first)
{
	const char *name = scan->entry->name, *slash = strchr(name, '/');
	size_t len = strlen(scan->root);

	if (first && slash && slash - name <= MAX_ROOT) {
		len = (size_t)(slash + 1 - name);
		memcpy(scan->root, name, len);
		scan->root[len] = '\0';
	} else if (strncmp(name, scan->root, len) != 0) {
		scan->root[0] = '\0';
	}
	scan->holds_manifest = scan->holds_manifest || strcmp(name + len, "manifest.json") == 0;
}

/* The name of the entry that has this number in the directory. */
static bool find_name(sp_zip_scan *scan, uint64_t number, sp_error *err)
{
	rewind_scan(scan);
	while (scan->done < number) {
		if (!read_entry(scan, err))
			return false;
	}
	return true;
}

static bool fail_twice(void *ctx, const sp_key *key, sp_error *err)
{
	sp_zip_scan *scan = ctx;

	if (!find_name(scan, key->note[0] >> 1, err))
		return false;
	END(scan, key->note[1], SP_FOUND_TWICE, N_("it is there twice"));
}

static bool fail_folder(void *ctx, const sp_key *wanted, const sp_key *present, sp_error *err)
{
	sp_zip_scan *scan = ctx;

	(void)wanted;
	if (present->note[0] & 1)
		return true;
	if (!find_name(scan, present->note[0] >> 1, err))
		return false;
	END(scan, present->note[1], SP_FOUND_TWICE, N_("it is there as a file and as a folder"));
}

static bool check_names(sp_zip_scan *scan, sp_error *err)
{
	const sp_key_answers answers = { NULL, fail_folder, scan };

	return sp_keys_twice(scan->names, fail_twice, scan, err) &&
	       sp_keys_compare(scan->folders, scan->names, &answers, err);
}

/* --- all together --- */

static bool check_entry(sp_zip_scan *scan, sp_error *err)
{
	return check_name(scan, err) && check_flags(scan, err) && check_type(scan, err) &&
	       check_size(scan, err) && read_local(scan, err) && note_name(scan, err);
}

/* The current entry becomes the one before. */
static header *swap_slots(sp_zip_scan *scan)
{
	header *before = scan->entry;

	scan->entry = before == &scan->slots[0] ? &scan->slots[1] : &scan->slots[0];
	return before;
}

/* The entry before the current one ends where that begins. */
static bool end_before(sp_zip_scan *scan, sp_error *err)
{
	uint64_t next = scan->entry->offset;
	bool ok;

	swap_slots(scan);
	ok = end_entry(scan, next, err);
	swap_slots(scan);
	return ok;
}

static bool scan_entry(sp_zip_scan *scan, sp_error *err)
{
	swap_slots(scan);
	if (!read_entry(scan, err))
		return false;
	if (scan->done == 1 && scan->entry->offset != 0)
		END(scan, 0, SP_FOUND_GAP, N_("%llu bytes before it belong to no entry"),
		    (unsigned long long)scan->entry->offset);
	return (scan->done == 1 || end_before(scan, err)) && check_entry(scan, err);
}

static bool scan_entries(sp_zip_scan *scan, sp_error *err)
{
	bool first = true;

	while (scan->done < scan->end.count) {
		if (scan->done % 256 == 0 && !sp_checking_go_on(scan->check, err))
			return false;
		if (!scan_entry(scan, err))
			return false;
		if (scan->entry->is_litter)
			continue;
		note_root(scan, first);
		first = false;
	}
	if (!end_entry(scan, scan->end.directory, err))
		return false;
	scan->entry->name[0] = '\0';
	if (scan->at != scan->end.directory_end)
		END(scan, scan->at, SP_FOUND_DIRECTORY,
		    N_("the directory has more than the %llu entries that its end record says"),
		    (unsigned long long)scan->end.count);
	if (!scan->holds_manifest)
		scan->root[0] = '\0';
	/* where that is told of */
	memcpy(scan->entry->name, scan->root, strlen(scan->root) + 1);
	scan->entry->offset = 0;
	return tolerate(scan, *scan->root, SP_FOUND_ROOT_FOLDER, err);
}

static bool prepare(sp_zip_scan *scan, sp_error *err)
{
	if (fstat(scan->fd, &scan->before) != 0)
		return sp_fail_errno(err, errno, N_("can't look at \"%s\""), scan->check->name);
	if (!S_ISREG(scan->before.st_mode))
		END(scan, -1, SP_FOUND_NO_ZIP, N_("not a regular file"));
	scan->window = malloc(WINDOW_BYTES);
	scan->local = malloc(SP_ZIP_LOCAL_BYTES + SP_ZIP_MAX16 + MAX_EXTRA);
	if (!scan->window || !scan->local)
		return sp_fail_memory(err);
	return (scan->sha = sp_sha256_create(err)) && (scan->names = sp_keys_create(err)) &&
	       (scan->folders = sp_keys_create(err));
}

/* What only the scan itself needs. */
static void forget(sp_zip_scan *scan)
{
	sp_sha256_free(scan->sha);
	sp_keys_free(scan->names);
	sp_keys_free(scan->folders);
	scan->sha = NULL;
	scan->names = scan->folders = NULL;
}

sp_zip_scan *sp_zip_scan_open(int fd, sp_checking *check, sp_error *err)
{
	sp_zip_scan *scan = calloc(1, sizeof *scan);

	if (!scan) {
		sp_fail_memory(err);
		return NULL;
	}
	scan->fd = fd;
	scan->check = check;
	scan->entry = &scan->slots[0];
	if (!prepare(scan, err) ||
	    !sp_zip_end_read(fd, (uint64_t)scan->before.st_size, check, &scan->end, err))
		goto cleanup;
	rewind_scan(scan);
	if (!scan_entries(scan, err) || !check_names(scan, err))
		goto cleanup;
	forget(scan);
	rewind_scan(scan);
	return scan;
cleanup:
	sp_zip_scan_free(scan);
	return NULL;
}

void sp_zip_scan_free(sp_zip_scan *scan)
{
	if (!scan)
		return;
	forget(scan);
	free(scan->window);
	free(scan->local);
	free(scan);
}

uint64_t sp_zip_scan_count(const sp_zip_scan *scan)
{
	return scan->end.count;
}

/* Everything is looked at as it was at first: another program may have changed
 * the file since. */
static bool look_again(sp_zip_scan *scan, sp_error *err)
{
	const header *h = scan->entry;

	if (!check_name(scan, err) || !check_flags(scan, err) || !check_type(scan, err) ||
	    !read_local(scan, err))
		return false;
	return h->packed <= scan->end.directory - h->data || fail_changed(scan, err);
}

static void take_item(const sp_zip_scan *scan, sp_zip_item *item)
{
	const header *h = scan->entry;

	*item = (sp_zip_item){
		h->name + strlen(scan->root), h->method != 0, h->data, h->packed, h->size, h->crc
	};
}

bool sp_zip_scan_next(sp_zip_scan *scan, sp_zip_item *item, sp_error *err)
{
	const header *h = scan->entry;

	item->path = NULL;
	do {
		if (scan->done == scan->end.count)
			return true;
		if (!read_entry(scan, err) || !look_again(scan, err))
			return false;
	} while (h->is_folder || h->is_litter);
	if (strncmp(h->name, scan->root, strlen(scan->root)) != 0)
		return fail_changed(scan, err);
	take_item(scan, item);
	return true;
}

bool sp_zip_scan_find(sp_zip_scan *scan, const char *path, sp_zip_item *item, sp_error *err)
{
	size_t root = strlen(scan->root);

	item->path = NULL;
	rewind_scan(scan);
	while (scan->done < scan->end.count) {
		if (!read_entry(scan, err))
			return false;
		if (strncmp(scan->entry->name, scan->root, root) != 0 ||
		    strcmp(scan->entry->name + root, path) != 0)
			continue;
		if (!look_again(scan, err))
			return false;
		take_item(scan, item);
		item->path = path;
		break;
	}
	rewind_scan(scan);
	return true;
}

bool sp_zip_scan_unchanged(const sp_zip_scan *scan, sp_error *err)
{
	struct stat now;

	if (fstat(scan->fd, &now) != 0)
		return sp_fail_errno(err, errno, N_("can't look at \"%s\""), scan->check->name);
	return (now.st_size == scan->before.st_size &&
	        now.st_mtim.tv_sec == scan->before.st_mtim.tv_sec &&
	        now.st_mtim.tv_nsec == scan->before.st_mtim.tv_nsec) ||
	       fail_changed(scan, err);
}
