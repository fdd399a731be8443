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

/* What a part may hold beyond ASCII. */
typedef enum {
	BEYOND_UTF8, /* UTF-8 that may be shown as it is */
	BEYOND_ANY   /* whatever a system's own encoding has; its bytes are nobody's name */
} beyond;

static bool check_beyond(const char *part, size_t len, beyond may, const char **why)
{
	if (!sp_utf8_valid(part, len)) {
		*why = N_("its name isn't UTF-8");
		return may == BEYOND_ANY;
	}
	*why = N_("a control or formatting character in its name");
	return sp_text_is_safe(part, len);
}

static sp_name_verdict check_bytes(const char *part, size_t len, beyond may, const char **why)
{
	sp_name_verdict verdict = SP_NAME_PLAIN;
	bool ascii = true;
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
	return ascii || check_beyond(part, len, may, why) ? verdict : SP_NAME_BAD;
}

static sp_name_verdict check_part(const char *part, size_t len, beyond may, const char **why)
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
	return check_bytes(part, len, may, why);
}

sp_name_verdict sp_zip_name_check(const char *name, size_t len, bool is_utf8, const char **why)
{
	sp_name_verdict verdict = SP_NAME_PLAIN, of_part;
	const char *part = name, *end, *slash;
	bool first = true, is_litter, is_folder, is_nobodys;

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
		/* litter isn't read, and of a folder around it all the name doesn't count */
		is_nobodys = !is_utf8 && (is_litter || (first && (slash || is_folder)));
		of_part = check_part(part, (size_t)((slash ? slash : end) - part),
		                     is_nobodys ? BEYOND_ANY : BEYOND_UTF8, why);
		if (of_part > verdict)
			verdict = of_part;
		first = false;
		part = slash ? slash + 1 : end;
	} while (slash && verdict != SP_NAME_BAD);
	if (verdict != SP_NAME_BAD)
		*why = NULL;
	return verdict;
}

bool sp_zip_name_is_litter(const char *name, size_t len)
{
	static const char *const files[] = { ".DS_Store", "Thumbs.db", "desktop.ini" };
	static const char *const folders[] = { "__MACOSX/", "META-INF/" };
	const char *part;
	size_t i, n;

	for (i = 0; i < sizeof folders / sizeof *folders; i++) {
		n = strlen(folders[i]);
		if (len >= n && !memcmp(folders[i], name, n))
			return true;
	}
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
