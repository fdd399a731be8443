#include <config.h>

#include "core/model/secrets.h"

#include <ctype.h>
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
		"url",         "urls",
		"feedurl",     "feedurls",
		"baseurl",     "siteurl",
		"starturl",    "starturls",
		"query",       "queries",
		"searchquery", "searchconfig",
		"provider",    "engine",
		"maxitems",    "maxresults",
		"maxpages",    "maxdepth",
		"limit",       "language",
		"languages",   "locale",
		"country",     "region",
		"category",    "categories",
		"topic",       "topics",
		"tags",        "keywords",
		"filename",    "originalfilename",
		"contenttype", "mimetype",
		"filesize",    "size",
		"filename",    "originalfilename",
		"contenttype", "mimetype",
		"filesize",    "size",
		"storagepath", "targetbundleid",
		"userid",      "kind",
		"type",        "format",
		"encoding",    "delimiter",
		"sheet",       "skiprows",
		"recursive",   "pattern",
		"patterns",    "include",
		"exclude",     "title",
		"name",        "description",
		"domains",     "since",
		"until",       "startdate",
		"enddate",     "timerange",
		"sortby",      "interval",
		"schedule",    "processingoptions",
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

static bool has_user(const char *host, const char *end)
{
	const char *p;

	for (p = host; p < end && !strchr("/?# \"\t\n", *p); p++)
		if (*p == '@')
			return true;
	return false;
}

bool sp_is_secret_url(const char *text, size_t len)
{
	const char *end = text + len, *p = text;
	bool any = false;

	while ((p = memmem(p, (size_t)(end - p), "://", 3))) {
		p += 3;
		any = true;
		if (has_user(p, end))
			return true;
	}
	return any && has_secret_parameter(text, end);
}
