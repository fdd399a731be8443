#include <config.h>

#include "core/model/secrets.h"

#include <ctype.h>
#include <string.h>

/* Lower case, without "_" and "-"; cut where it is longer than any of ours. */
static size_t plain_key(const char *key, size_t len, char *plain, size_t room)
{
	size_t i, n = 0;

	for (i = 0; i < len && n + 1 < room; i++)
		if (key[i] != '_' && key[i] != '-')
			plain[n++] = (char)tolower((unsigned char)key[i]);
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
	"apikeys",    "apikey",      "password",       "passwd",      "passphrase",
	"secret",     "secrets",     "clientsecret",   "secretkey",   "accesskey",
	"token",      "accesstoken", "refreshtoken",   "authtoken",   "bearertoken",
	"sharetoken", "privatekey",  "authorization",  "credentials", "encryptedcredentials",
	"cookie",     "cookies",     "hashedpassword",
};

bool sp_is_secret_key(const char *key, size_t len)
{
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

bool sp_is_secret_url(const char *text, size_t len)
{
	const char *end = text + len, *host = memmem(text, len, "://", 3), *p;

	if (!host)
		return false;
	host += 3;
	for (p = host; p < end && *p != '/' && *p != '?' && *p != '#'; p++)
		if (*p == '@')
			return true;
	return has_secret_parameter(p, end);
}
