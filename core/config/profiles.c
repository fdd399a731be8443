#include <config.h>

#include "core/config/profiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/ini.h"
#include "core/base/text.h"
#include "core/config/paths.h"
#include "core/model/secrets.h"

#define MOST_BYTES ((size_t)1 << 20)
#define BOM        "\xef\xbb\xbf"

/* A line of the file, and what it is. */
typedef struct {
	char *text;   /* without its line end */
	int instance; /* whose section it stands in; -1: before all of them */
	bool header;
	const sp_instance_key *key;
} line;

struct sp_profiles {
	char *path;
	sp_buf text; /* as it was read or written last */
	bool exists;
	line *lines;
	int line_count;
	sp_instance *items;
	int count;
};

/* --- lines ---------------------------------------------------------------------- */

static void clear_content(sp_profiles *profiles)
{
	int i;

	for (i = 0; i < profiles->line_count; i++)
		free(profiles->lines[i].text);
	for (i = 0; i < profiles->count; i++)
		sp_instance_clear(&profiles->items[i]);
	free(profiles->lines);
	free(profiles->items);
	profiles->lines = NULL;
	profiles->items = NULL;
	profiles->line_count = profiles->count = 0;
}

/* Names file and line of what was wrong; `wrong` is cleared. */
static bool fail_line(const sp_profiles *profiles, int number, sp_error *wrong, sp_error *err)
{
	sp_error_before(wrong, "%s:%d: ", profiles->path, number);
	if (!sp_error_is_set(err))
		sp_error_move(err, wrong);
	sp_error_clear(wrong);
	return false;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* The name in "[name]", behind which only a comment may stand. The caller frees
 * it. */
static char *name_of(const char *text, sp_error *err)
{
	const char *end = strchr(text, ']'), *rest = end ? skip_blanks(end + 1) : NULL;
	char *name;

	if (!end || (*rest && *rest != ';' && *rest != '#' && *rest != '\r')) {
		sp_fail(err, SP_USAGE, N_("A section begins with its name in brackets: [name]."),
		        N_("the line is neither a section nor a setting"));
		return NULL;
	}
	name = strndup(text + 1, (size_t)(end - text - 1));
	if (!name)
		sp_fail_memory(err);
	return name;
}

static bool begin_instance(sp_profiles *profiles, const char *text, sp_error *err)
{
	char *name = name_of(text, err);
	sp_instance *grown;

	if (!name)
		return false;
	if (!sp_instance_name_ok(name)) {
		sp_fail(err, SP_USAGE,
		        N_("A name is made of up to 40 letters, digits and the characters \"-\", \"_\" "
		           "and \".\"."),
		        N_("\"%s\" can't be the name of an instance"), name);
	} else if (sp_profiles_find(profiles, name)) {
		sp_fail(err, SP_USAGE, N_("Give one of them another name."),
		        N_("the instance \"%s\" is described twice"), name);
	} else {
		grown = reallocarray(profiles->items, (size_t)profiles->count + 1, sizeof(*grown));
		if (grown) {
			profiles->items = grown;
			memset(&grown[profiles->count], 0, sizeof(*grown));
			grown[profiles->count++].name = name;
			return true;
		}
		sp_fail_memory(err);
	}
	free(name);
	return false;
}

static bool take_line(sp_profiles *profiles, const char *text, size_t len, sp_error *err)
{
	line *at = &profiles->lines[profiles->line_count];
	const char *start;

	*at = (line){ .text = strndup(text, len) };
	if (!at->text)
		return sp_fail_memory(err);
	profiles->line_count++;
	if (memchr(text, '\0', len) || !sp_utf8_valid(text, len))
		return sp_fail(err, SP_USAGE, N_("Write it anew with an editor, as UTF-8."),
		               N_("the file is no text"));
	if (len > (size_t)sp_ini_longest())
		return sp_fail(err, SP_USAGE,
		               N_("Put connection settings into ~/.pg_service.conf and write "
		                  "\"db = service=NAME\"."),
		               N_("the line is longer than %d bytes"), sp_ini_longest());
	start = skip_blanks(at->text);
	at->header = *start == '[';
	if (at->header && !begin_instance(profiles, start, err))
		return false;
	at->instance = profiles->count - 1;
	return true;
}

static bool split_lines(sp_profiles *profiles, sp_error *err)
{
	const char *p = sp_buf_text(&profiles->text), *end = p + profiles->text.len, *stop;
	sp_error wrong = SP_ERROR_INIT;
	size_t count = 1;

	if (!strncmp(p, BOM, strlen(BOM)))
		p += strlen(BOM);
	for (stop = p; stop < end; stop++)
		count += *stop == '\n';
	profiles->lines = calloc(count, sizeof(*profiles->lines));
	if (!profiles->lines)
		return sp_fail_memory(err);
	for (; p < end; p = stop + 1) {
		stop = memchr(p, '\n', (size_t)(end - p));
		stop = stop ? stop : end;
		if (!take_line(profiles, p, (size_t)(stop - p), &wrong))
			return fail_line(profiles, profiles->line_count, &wrong, err);
	}
	return true;
}

/* --- settings ------------------------------------------------------------------- */

typedef struct {
	sp_profiles *profiles;
	int next;         /* the line after the one that is looked at, from 0 */
	const char *left; /* of that line: what wasn't fed yet; NULL: nothing */
	sp_error *wrong;
} reading;

/* As fgets(), line by line, so that each setting is known to be of the line before
 * `next`. Without blanks at the beginning: such a line would count as the end of
 * the one before. */
static char *feed(char *room, int size, void *ctx)
{
	reading *r = ctx;
	size_t len;

	if (!r->left) {
		if (r->next >= r->profiles->line_count || sp_error_is_set(r->wrong))
			return NULL;
		r->left = skip_blanks(r->profiles->lines[r->next++].text);
	}
	len = strnlen(r->left, (size_t)size - 1);
	memcpy(room, r->left, len);
	r->left += len;
	if (len + 1 < (size_t)size) {
		room[len++] = '\n';
		r->left = NULL;
	}
	room[len] = '\0';
	return room;
}

static const sp_instance_key *key_named(const char *name)
{
	const sp_instance_key *key;

	for (key = sp_instance_keys; key->key; key++)
		if (!strcmp(key->key, name))
			return key;
	return NULL;
}

static bool fail_key(const char *name, sp_error *err)
{
	const sp_instance_key *key;
	sp_buf known = { 0 };

	if (sp_is_secret_key(name, strlen(name)))
		return sp_fail(
			err, SP_USAGE,
			N_("Take it out: passwords of databases belong into ~/.pgpass (mode 0600) or a "
		       "service file, keys of stores into ~/.aws/credentials."),
			N_("\"%s\" has no place here"), name);
	for (key = sp_instance_keys; key->key; key++)
		sp_buf_addf(&known, "%s%s", known.len ? ", " : "", key->key);
	sp_fail(err, SP_USAGE, NULL, N_("there is no setting \"%s\"; there are: %s"), name,
	        sp_buf_text(&known));
	sp_buf_free(&known);
	return false;
}

static bool is_set_twice(const sp_profiles *profiles, int at, const sp_instance_key *key)
{
	int i = at;

	while (--i >= 0 && profiles->lines[i].instance == profiles->lines[at].instance)
		if (profiles->lines[i].key == key)
			return true;
	return false;
}

/* A setting of the line before `next`; after an error nothing more is fed. */
static int take_setting(void *ctx, const char *section, const char *name, const char *value)
{
	reading *r = ctx;
	line *at = &r->profiles->lines[r->next - 1];
	const sp_instance_key *key = key_named(name);

	(void)section;
	if (!key)
		return fail_key(name, r->wrong);
	if (at->instance < 0)
		return sp_fail(r->wrong, SP_USAGE, N_("Write the name of the instance above it: [name]."),
		               N_("\"%s\" stands before any section"), name);
	if (is_set_twice(r->profiles, r->next - 1, key))
		return sp_fail(r->wrong, SP_USAGE, N_("Keep one of them."),
		               N_("\"%s\" is set twice in this section"), name);
	at->key = key;
	return sp_instance_set(&r->profiles->items[at->instance], key, *value ? value : NULL, r->wrong);
}

static bool parse(sp_profiles *profiles, sp_error *err)
{
	sp_error wrong = SP_ERROR_INIT;
	reading r = { .profiles = profiles, .wrong = &wrong };
	int bad;

	if (!split_lines(profiles, err))
		return false;
	bad = sp_ini_parse(feed, &r, take_setting, &r);
	if (sp_error_is_set(&wrong))
		return fail_line(profiles, r.next, &wrong, err);
	if (bad < 0)
		return sp_fail_memory(err);
	if (bad > 0) {
		sp_fail(&wrong, SP_USAGE, N_("A setting is written as \"key = value\"."),
		        N_("the line is neither a section nor a setting"));
		return fail_line(profiles, bad, &wrong, err);
	}
	return true;
}

/* --- the file -------------------------------------------------------------------- */

static bool read_all(int fd, sp_buf *text, const char *path, sp_error *err)
{
	ssize_t n = 1;
	char *room;

	while (n > 0 || (n < 0 && errno == EINTR)) {
		if (text->len > MOST_BYTES)
			return sp_fail(err, SP_USAGE, NULL, N_("%s is larger than 1 MiB"), path);
		room = sp_buf_reserve(text, 65536);
		if (!room)
			return sp_fail_memory(err);
		n = read(fd, room, 65536);
		text->len += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		return sp_fail_errno(err, errno, N_("can't read %s"), path);
	/* a NUL behind it, as everywhere */
	sp_buf_add(text, "", 0);
	return !text->failed || sp_fail_memory(err);
}

/* *exists false: there is no such file, and that's all right. */
static bool read_file(const char *path, sp_buf *text, bool *exists, sp_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat info;
	bool ok;

	*exists = fd >= 0;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return true;
	if (fd < 0)
		return sp_fail_errno(err, errno, N_("can't read %s"), path);
	if (fstat(fd, &info) == 0 && !S_ISREG(info.st_mode))
		ok = sp_fail(err, SP_USAGE, NULL, N_("%s is no file"), path);
	else
		ok = read_all(fd, text, path, err);
	(void)close(fd);
	return ok;
}

sp_profiles *sp_profiles_read(sp_error *err)
{
	sp_profiles *profiles = calloc(1, sizeof(*profiles));

	if (!profiles) {
		sp_fail_memory(err);
		return NULL;
	}
	profiles->path = sp_config_path("spaceport/instances.ini", err);
	if (profiles->path && read_file(profiles->path, &profiles->text, &profiles->exists, err) &&
	    parse(profiles, err))
		return profiles;
	sp_profiles_free(profiles);
	return NULL;
}

void sp_profiles_free(sp_profiles *profiles)
{
	if (!profiles)
		return;
	clear_content(profiles);
	sp_buf_free(&profiles->text);
	free(profiles->path);
	free(profiles);
}

/* --- looking ----------------------------------------------------------------------- */

const char *sp_profiles_path(const sp_profiles *profiles)
{
	return profiles->path;
}

int sp_profiles_count(const sp_profiles *profiles)
{
	return profiles->count;
}

const sp_instance *sp_profiles_at(const sp_profiles *profiles, int i)
{
	return i >= 0 && i < profiles->count ? &profiles->items[i] : NULL;
}

static int index_of(const sp_profiles *profiles, const char *name)
{
	int i;

	for (i = 0; i < profiles->count; i++)
		if (!strcmp(profiles->items[i].name, name))
			return i;
	return -1;
}

const sp_instance *sp_profiles_find(const sp_profiles *profiles, const char *name)
{
	return sp_profiles_at(profiles, index_of(profiles, name));
}

const sp_instance *sp_profiles_need(const sp_profiles *profiles, const char *name, sp_error *err)
{
	const sp_instance *found = sp_profiles_find(profiles, name);
	sp_buf names = { 0 };
	int i;

	if (found)
		return found;
	for (i = 0; i < profiles->count; i++)
		sp_buf_addf(&names, "%s%s", i ? ", " : "", profiles->items[i].name);
	if (profiles->count)
		sp_fail(err, SP_USAGE, N_("\"spaceport instances add\" describes another one."),
		        N_("there is no instance \"%s\" in %s; there are: %s"), name, profiles->path,
		        sp_buf_text(&names));
	else
		sp_fail(err, SP_USAGE, N_("\"spaceport instances add\" describes one."),
		        N_("there is no instance \"%s\": %s holds none"), name, profiles->path);
	sp_buf_free(&names);
	return NULL;
}

/* --- changing ------------------------------------------------------------------------ */

static void add_line(sp_buf *text, const char *content)
{
	sp_buf_adds(text, content);
	sp_buf_addc(text, '\n');
}

static void add_setting(sp_buf *text, const sp_instance *instance, const sp_instance_key *key)
{
	char room[16];
	const char *value = sp_instance_value(instance, key, room);

	if (value)
		sp_buf_addf(text, "%s = %s\n", key->key, value);
}

static bool same_value(const sp_instance *a, const sp_instance *b, const sp_instance_key *key)
{
	char room_a[16], room_b[16];
	const char *of_a = sp_instance_value(a, key, room_a), *of_b = sp_instance_value(b, key, room_b);

	return of_a && of_b ? !strcmp(of_a, of_b) : of_a == of_b;
}

/* The last line of a section that says something. */
static int last_line(const sp_profiles *profiles, int instance)
{
	int i, last = -1;

	for (i = 0; i < profiles->line_count; i++)
		if (profiles->lines[i].instance == instance &&
		    (profiles->lines[i].header || profiles->lines[i].key))
			last = i;
	return last;
}

static bool has_key(const sp_profiles *profiles, int instance, const sp_instance_key *key)
{
	int i;

	for (i = 0; i < profiles->line_count; i++)
		if (profiles->lines[i].instance == instance && profiles->lines[i].key == key)
			return true;
	return false;
}

/* The file's text with the section `at` changed to say what `instance` says. */
static void edit(const sp_profiles *profiles, int at, const sp_instance *instance, sp_buf *text)
{
	const sp_instance *old = &profiles->items[at];
	const sp_instance_key *key;
	int i, last = last_line(profiles, at);

	for (i = 0; i < profiles->line_count; i++) {
		const line *here = &profiles->lines[i];

		if (here->instance != at || !here->key || same_value(old, instance, here->key))
			add_line(text, here->text);
		else
			add_setting(text, instance, here->key);
		for (key = sp_instance_keys; i == last && key->key; key++)
			if (!has_key(profiles, at, key))
				add_setting(text, instance, key);
	}
}

static void append(const sp_profiles *profiles, const sp_instance *instance, sp_buf *text)
{
	const sp_instance_key *key;
	int i;

	for (i = 0; i < profiles->line_count; i++)
		add_line(text, profiles->lines[i].text);
	if (i && *skip_blanks(profiles->lines[i - 1].text))
		sp_buf_addc(text, '\n');
	sp_buf_addf(text, "[%s]\n", instance->name);
	for (key = sp_instance_keys; key->key; key++)
		add_setting(text, instance, key);
}

static bool is_comment(const line *at)
{
	const char *text = skip_blanks(at->text);

	return *text == '#' || *text == ';';
}

/* The first line of the comment right above a section. */
static int comment_above(const sp_profiles *profiles, int header)
{
	while (header > 0 && is_comment(&profiles->lines[header - 1]))
		header--;
	return header;
}

static void cut(const sp_profiles *profiles, int instance, sp_buf *text)
{
	int i, from = 0, to = profiles->line_count;

	for (i = 0; i < profiles->line_count; i++) {
		if (profiles->lines[i].header && profiles->lines[i].instance == instance)
			from = comment_above(profiles, i);
		if (profiles->lines[i].header && profiles->lines[i].instance == instance + 1)
			to = comment_above(profiles, i);
	}
	for (i = 0; i < profiles->line_count; i++)
		if (i < from || i >= to)
			add_line(text, profiles->lines[i].text);
}

/* Nobody else of ours writes the file until the descriptor is closed; -1 and an
 * error. */
static int lock_folder(const char *path, sp_error *err)
{
	char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (!folder)
		sp_fail_memory(err);
	else if (fd < 0)
		sp_fail_errno(err, errno, N_("can't open the folder \"%s\""), folder);
	else if (flock(fd, LOCK_EX) != 0 && errno != ENOLCK && errno != EOPNOTSUPP) {
		sp_fail_errno(err, errno, N_("can't lock the folder \"%s\""), folder);
		(void)close(fd);
		fd = -1;
	}
	free(folder);
	return fd;
}

/* Whether the file is still what was read. */
static bool check_unchanged(const sp_profiles *profiles, sp_error *err)
{
	sp_buf now = { 0 };
	bool exists, ok = read_file(profiles->path, &now, &exists, err);

	if (ok && (exists != profiles->exists || now.len != profiles->text.len ||
	           memcmp(sp_buf_text(&now), sp_buf_text(&profiles->text), now.len) != 0))
		ok = sp_fail(err, SP_TARGET_CHANGED, N_("Look at it and try again."),
		             N_("%s was changed by somebody else meanwhile"), profiles->path);
	sp_buf_free(&now);
	return ok;
}

static bool write_text(const char *path, const sp_buf *text, sp_error *err)
{
	sp_out *out = sp_out_open(path, true, err);

	if (!out)
		return false;
	if (sp_out_write(out, sp_buf_text(text), text->len, err))
		return sp_out_commit(out, err);
	sp_out_discard(out);
	return false;
}

/* Writes it where a link leads, if it is one: dotfiles are often kept elsewhere. */
static bool write_file(const sp_profiles *profiles, const sp_buf *text, sp_error *err)
{
	char *real = profiles->exists ? realpath(profiles->path, NULL) : strdup(profiles->path);
	int lock = -1;
	bool ok;

	if (!real)
		return sp_fail_errno(err, errno, N_("can't read %s"), profiles->path);
	ok = sp_folders_make(real, 0700, err) && (lock = lock_folder(real, err)) >= 0 &&
	     check_unchanged(profiles, err) && write_text(real, text, err);
	if (lock >= 0)
		(void)close(lock);
	free(real);
	return ok;
}

static bool same_instance(const sp_instance *a, const sp_instance *b)
{
	const sp_instance_key *key;

	for (key = sp_instance_keys; key->key; key++)
		if (!same_value(a, b, key))
			return false;
	return true;
}

/*
 * Makes `text` the file and the profiles, where it reads back as it should: with
 * `wanted` in it, or without the instance `gone`. Takes the text.
 */
static bool change(sp_profiles *profiles, sp_buf *text, const sp_instance *wanted, sp_error *err)
{
	sp_profiles new = { .path = profiles->path, .text = *text, .exists = true };
	const sp_instance *found;
	bool ok = !text->failed || sp_fail_memory(err);

	ok = ok && parse(&new, err);
	if (ok && wanted) {
		found = sp_profiles_find(&new, wanted->name);
		ok = (found && same_instance(found, wanted)) ||
		     sp_fail(err, SP_USAGE, N_("Line ends and blanks at its ends can't stand in a value."),
		             N_("what describes \"%s\" can't be written into %s"), wanted->name,
		             profiles->path);
	}
	ok = ok && write_file(profiles, text, err);
	if (!ok) {
		clear_content(&new);
		sp_buf_free(text);
		return false;
	}
	clear_content(profiles);
	sp_buf_free(&profiles->text);
	*profiles = new;
	return true;
}

bool sp_profiles_put(sp_profiles *profiles, const sp_instance *instance, sp_error *err)
{
	int at = index_of(profiles, instance->name);
	sp_buf text = { 0 };

	if (at >= 0)
		edit(profiles, at, instance, &text);
	else
		append(profiles, instance, &text);
	return change(profiles, &text, instance, err);
}

bool sp_profiles_remove(sp_profiles *profiles, const char *name, sp_error *err)
{
	sp_buf text = { 0 };

	if (!sp_profiles_need(profiles, name, err))
		return false;
	cut(profiles, index_of(profiles, name), &text);
	return change(profiles, &text, NULL, err);
}
