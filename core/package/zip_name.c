#include <config.h>

#include "core/package/zip_name.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"

#define MAX_NAME 4096
#define MAX_PART 255

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '.' || c == '-';
}

/* The text as UTF-8 without controls and characters that change direction:
 * what may be shown as it is. */
static bool is_shown_safely(const char *text, size_t len, bool *no_memory)
{
	sp_buf safe = { 0 };
	bool same;

	if (!sp_utf8_valid(text, len))
		return false;
	sp_safe_text(&safe, text, len);
	*no_memory = safe.failed;
	same = !safe.failed && safe.len == len && memcmp(safe.data, text, len) == 0;
	sp_buf_free(&safe);
	return same;
}

static sp_name_verdict check_bytes(const char *part, size_t len, bool may_be_utf8, const char **why)
{
	sp_name_verdict verdict = SP_NAME_PLAIN;
	bool ascii = true, no_memory = false;
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)part[i];

		if (c < 0x20 || c == 0x7f) {
			*why = N_("a control byte in its name");
			return SP_NAME_BAD;
		}
		if (c == '\\' || c == ':') {
			*why = N_("a backslash or colon in its name");
			return SP_NAME_BAD;
		}
		ascii = ascii && c < 0x80;
		if (!is_plain(part[i]))
			verdict = SP_NAME_ODD;
	}
	if (!ascii && !(may_be_utf8 && is_shown_safely(part, len, &no_memory))) {
		*why = no_memory ? NULL : N_("its name isn't ASCII");
		return SP_NAME_BAD;
	}
	return verdict;
}

static sp_name_verdict check_part(const char *part, size_t len, bool may_be_utf8, const char **why)
{
	if (!len || (len == 1 && part[0] == '.') || (len == 2 && !memcmp(part, "..", 2))) {
		*why = N_("its name isn't a plain relative one");
		return SP_NAME_BAD;
	}
	if (len > MAX_PART) {
		*why = N_("its name is too long");
		return SP_NAME_BAD;
	}
	/* such ends vanish on Windows: two names would be one */
	if (part[len - 1] == '.' || part[len - 1] == ' ') {
		*why = N_("its name ends in a dot or a space");
		return SP_NAME_BAD;
	}
	return check_bytes(part, len, may_be_utf8, why);
}

sp_name_verdict sp_zip_name_check(const char *name, size_t len, bool is_utf8, const char **why)
{
	sp_name_verdict verdict = SP_NAME_PLAIN, of_part;
	const char *part = name, *end, *slash;
	bool first = true, is_litter, is_folder;

	*why = NULL;
	if (len > MAX_NAME) {
		*why = N_("its name is too long");
		return SP_NAME_BAD;
	}
	is_litter = sp_zip_name_is_litter(name, len);
	is_folder = len > 1 && name[len - 1] == '/';
	len -= is_folder;
	end = name + len;
	do {
		slash = memchr(part, '/', (size_t)(end - part));
		of_part = check_part(part, (size_t)((slash ? slash : end) - part),
		                     is_utf8 && (is_litter || (first && (slash || is_folder))), why);
		if (of_part > verdict)
			verdict = of_part;
		first = false;
		part = slash ? slash + 1 : end;
	} while (slash && verdict != SP_NAME_BAD);
	return verdict;
}

bool sp_zip_name_is_litter(const char *name, size_t len)
{
	static const char *const files[] = { ".DS_Store", "Thumbs.db", "desktop.ini" };
	static const char folder[] = "__MACOSX/";
	const char *part;
	size_t i, n;

	if (len >= sizeof folder - 1 && !memcmp(name, folder, sizeof folder - 1))
		return true;
	part = memrchr(name, '/', len);
	part = part ? part + 1 : name;
	n = len - (size_t)(part - name);
	if (n > 2 && part[0] == '.' && part[1] == '_')
		return true;
	for (i = 0; i < sizeof files / sizeof *files; i++) {
		if (strlen(files[i]) == n && !memcmp(files[i], part, n))
			return true;
	}
	return false;
}
