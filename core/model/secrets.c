#include <config.h>

#include "core/model/secrets.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <string.h>

/* Lower case, without "_", "-" and blanks; of a longer one the end, which says
 * what it is ("openai_api_key"). */
static size_t plain_key(const char *key, size_t len, char *plain, size_t room)
{
	size_t i, n = 0;

	if (len >= 2 * room) {
		key += len - 2 * room;
		len = 2 * room;
	}
	for (i = 0; i < len; i++) {
		if (strchr("_- ", key[i]) && key[i])
			continue;
		if (n + 1 == room)
			memmove(plain, plain + 1, --n);
		plain[n++] = (char)tolower((unsigned char)key[i]);
	}
	plain[n] = '\0';
	return n;
}

static bool in_list(const char *const *list, size_t count, const char *key, size_t len)
{
	char plain[40];
	size_t i;

	plain_key(key, len, plain, sizeof(plain));
	for (i = 0; i < count; i++)
		if (!strcmp(list[i], plain))
			return true;
	return false;
}
#define IN_LIST(list, key, len) in_list(list, sizeof(list) / sizeof(*(list)), key, len)

static const char *const secret_keys[] = {
	"secrets", "token",   "sharetoken",     "authorization",
	"cookie",  "cookies", "hashedpassword", "encryptedcredentials",
};

/* Names of services stand before these. */
static const char *const secret_ends[] = {
	"apikey",    "apikeys",   "password",    "passwd",       "passphrase",
	"secret",    "secretkey", "accesskey",   "privatekey",   "accesstoken",
	"authtoken", "apitoken",  "bearertoken", "refreshtoken", "credentials",
};

bool sp_is_secret_key(const char *key, size_t len)
{
	char plain[40];
	size_t i, n = plain_key(key, len, plain, sizeof(plain)), end;

	for (i = 0; i < sizeof(secret_ends) / sizeof(*secret_ends); i++) {
		end = strlen(secret_ends[i]);
		if (n >= end && !strcmp(plain + n - end, secret_ends[i]))
			return true;
	}
	return IN_LIST(secret_keys, key, len);
}

bool sp_is_open_detail(const char *key, size_t len)
{
	static const char *const open[] = {
		"url",         "urls",           "feedurl",     "feedurls",
		"baseurl",     "siteurl",        "starturl",    "starturls",
		"query",       "queries",        "searchquery", "searchconfig",
		"provider",    "engine",         "maxitems",    "maxresults",
		"maxpages",    "maxdepth",       "limit",       "language",
		"languages",   "locale",         "country",     "region",
		"category",    "categories",     "topic",       "topics",
		"tags",        "keywords",       "filename",    "originalfilename",
		"contenttype", "mimetype",       "filesize",    "size",
		"storagepath", "targetbundleid", "userid",      "kind",
		"type",        "format",         "encoding",    "delimiter",
		"sheet",       "skiprows",       "recursive",   "pattern",
		"patterns",    "include",        "exclude",     "title",
		"name",        "description",    "domains",     "since",
		"until",       "startdate",      "enddate",     "timerange",
		"sortby",      "interval",       "schedule",    "processingoptions",
		"options",
	};

	return IN_LIST(open, key, len);
}

bool sp_is_cached_output(const char *key, size_t len)
{
	static const char *const cached[] = { "outputblob", "cachedpoints",  "points",      "cache",
		                                  "cacheddata", "cachedresults", "geocodecache" };

	return IN_LIST(cached, key, len);
}

/* name=value pairs behind the question or number sign. */
static bool has_secret_parameter(const char *p, const char *end)
{
	const char *name = p;

	for (; p <= end; p++) {
		if (p != end && *p != '&' && *p != ';' && *p != '=' && *p != '?' && *p != '#')
			continue;
		if (p != end && *p == '=' &&
		    (sp_is_secret_key(name, (size_t)(p - name)) ||
		     (p - name == 3 && !strncasecmp(name, "key", 3)) ||
		     (p - name == 3 && !strncasecmp(name, "sig", 3)) ||
		     (p - name == 4 && !strncasecmp(name, "auth", 4)) ||
		     (p - name == 9 && !strncasecmp(name, "signature", 9))))
			return true;
		name = p + 1;
	}
	return false;
}

/* Bytes before the first of these characters. */
static size_t before_any(const char *text, size_t len, const char *any)
{
	size_t i;

	for (i = 0; i < len && (!text[i] || !strchr(any, text[i])); i++)
		;
	return i;
}

/* What stands before the host: with a scheme any user, else user and password
 * (an e-mail address is none). */
static bool has_user(const char *p, const char *end, bool scheme)
{
	bool colon = false;

	for (; p < end && !strchr("/?# \"\t\n", *p); p++) {
		if (*p == '@')
			return scheme || colon;
		colon = colon || *p == ':';
	}
	return false;
}

static bool begins(const char *text, size_t len, const char *word)
{
	return len >= strlen(word) && !strncasecmp(text, word, strlen(word));
}

/* The one word that a text consists of behind `scheme`; 0: it isn't so. */
static size_t only_word(const char *text, size_t len, const char *scheme)
{
	size_t from = strlen(scheme), i;

	if (!begins(text, len, scheme))
		return 0;
	for (i = from; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("-._~+/=", text[i]))
			return 0;
	return len - from;
}

/* What stands in an Authorization header (RFC 6750, RFC 7617), and not a text
 * such as "Basic statistics". */
static bool is_authorization(const char *text, size_t len)
{
	unsigned char plain[256];
	size_t word = only_word(text, len, "basic ");
	int got;

	if (only_word(text, len, "bearer ") >= 16)
		return true;
	if (!word || word % 4 || word > sizeof(plain))
		return false;
	got = EVP_DecodeBlock(plain, (const unsigned char *)text + len - word, (int)word);
	return got > 0 && memchr(plain, ':', (size_t)got);
}

bool sp_is_secret_url(const char *text, size_t len)
{
	const char *end = text + len, *p = text, *stop;

	while ((p = memmem(p, (size_t)(end - p), "://", 3))) {
		p += 3;
		if (has_user(p, end, false))
			return true;
		stop = p + before_any(p, (size_t)(end - p), " \t\n\"");
		p += before_any(p, (size_t)(stop - p), "?#");
		if (p < stop && has_secret_parameter(p + 1, stop))
			return true;
	}
	return false;
}

bool sp_is_secret_text(const char *text, size_t len)
{
	const char *end = text + len, *p = text;

	if (begins(text, len, "mailto:"))
		p = text + before_any(text, len, " \t\n");
	if (begins(text, len, "authorization:") || is_authorization(text, len) ||
	    has_user(p, end, false) || (begins(text, len, "//") && has_user(text + 2, end, true)))
		return true;
	while ((p = memmem(p, (size_t)(end - p), "://", 3))) {
		p += 3;
		if (has_user(p, end, true))
			return true;
	}
	/* parameters stand behind a question or number sign */
	p = text + before_any(text, len, "?#");
	return p < end && has_secret_parameter(p + 1, end);
}
