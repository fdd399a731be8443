#include <config.h>

#include "core/store/aws.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/ini.h"

typedef struct {
	const char *profile;
	bool config;    /* the file of settings, not that of credentials */
	bool found;     /* the profile */
	bool other_way; /* its credentials would have to be fetched from somewhere */
	sp_aws *aws;
	/* of the file of settings: what is said of S3 alone, by its section */
	char *services, *s3_endpoint;
	bool in_s3;
} reading;

static void wipe(char **secret)
{
	if (*secret)
		OPENSSL_cleanse(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

void sp_aws_clear(sp_aws *aws)
{
	wipe(&aws->secret);
	wipe(&aws->token);
	free(aws->key);
	free(aws->endpoint);
	free(aws->region);
	free(aws->addressing);
	free(aws->ca_file);
	*aws = (sp_aws){ 0 };
}

/* Unless something that counts more has said it. */
static bool set(char **to, const char *value, sp_error *err)
{
	if (*to || !value || !*value)
		return true;
	*to = strdup(value);
	return *to || sp_fail_memory(err);
}

static bool is_section(const reading *r, const char *section)
{
	static const char prefix[] = "profile ";

	if (!strcmp(section, r->profile))
		return !r->config || !strcmp(section, "default");
	return r->config && !strncmp(section, prefix, sizeof(prefix) - 1) &&
	       !strcmp(section + strspn(section + sizeof(prefix) - 1, " \t") + sizeof(prefix) - 1,
	               r->profile);
}

/* A key below another: its line begins with blanks and says "key = value". */
static bool take_nested(reading *r, const char *line, sp_error *err)
{
	static const char style[] = "addressing_style", endpoint[] = "endpoint_url";
	const char *value = strchr(line, '=');

	if (!value)
		return true;
	for (value++; *value == ' ' || *value == '\t'; value++)
		;
	if (!strncmp(line, style, sizeof(style) - 1))
		return set(&r->aws->addressing, value, err);
	if (!strncmp(line, endpoint, sizeof(endpoint) - 1))
		return set(&r->s3_endpoint, value, err);
	return true;
}

static bool take(void *ctx, const char *section, const char *key, const char *value, sp_error *err)
{
	static const char *const other_ways[] = { "credential_process", "role_arn", "sso_session",
		                                      "sso_start_url", "web_identity_token_file" };
	reading *r = ctx;
	const struct {
		const char *key;
		char **to;
	} wanted[] = {
		{ "aws_access_key_id", &r->aws->key },
		{ "aws_secret_access_key", &r->aws->secret },
		{ "aws_session_token", &r->aws->token },
		{ "region", &r->aws->region },
		{ "endpoint_url", &r->aws->endpoint },
		{ "ca_bundle", &r->aws->ca_file },
		{ "services", &r->services },
	};
	size_t i;

	if (!is_section(r, section))
		return true;
	r->found = true;
	if (!strcmp(key, "s3"))
		return take_nested(r, value, err);
	for (i = 0; i < sizeof(other_ways) / sizeof(*other_ways); i++)
		r->other_way = r->other_way || !strcmp(key, other_ways[i]);
	for (i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		if (!strcmp(key, wanted[i].key))
			return set(wanted[i].to, value, err);
	return true;
}

/* "[services NAME]", "s3 =", "  endpoint_url = …" */
static bool take_service(void *ctx, const char *section, const char *key, const char *value,
                         sp_error *err)
{
	static const char prefix[] = "services ";
	reading *r = ctx;

	if (strncmp(section, prefix, sizeof(prefix) - 1) != 0 ||
	    strcmp(section + sizeof(prefix) - 1, r->services) != 0 || strcmp(key, "s3") != 0)
		return true;
	return take_nested(r, value, err);
}

/* A variable's file, else one in the home folder; NULL and an error. */
static char *path_of(const char *variable, const char *name, sp_error *err)
{
	const char *path = getenv(variable), *home = getenv("HOME");
	sp_buf text = { 0 };
	char *result;

	if (path && *path)
		sp_buf_adds(&text, path);
	else
		sp_buf_addf(&text, "%s/.aws/%s", home ? home : "", name);
	result = sp_buf_take(&text);
	if (!result)
		sp_fail_memory(err);
	return result;
}

static bool read_config(reading *r, sp_error *err)
{
	char *path = path_of("AWS_CONFIG_FILE", "config", err);
	bool ok;

	r->config = true;
	ok = path && sp_ini_read(path, take, r, err);
	/* what a services section says counts more than what stands beside it */
	if (ok && r->services)
		ok = sp_ini_read(path, take_service, r, err);
	if (ok && r->s3_endpoint) {
		free(r->aws->endpoint);
		r->aws->endpoint = r->s3_endpoint;
		r->s3_endpoint = NULL;
	}
	free(path);
	return ok;
}

/* Both files, into an sp_aws of their own. */
static bool read_files(reading *r, sp_error *err)
{
	char *path = path_of("AWS_SHARED_CREDENTIALS_FILE", "credentials", err);
	bool ok = path && sp_ini_read(path, take, r, err) && read_config(r, err);

	free(path);
	free(r->services);
	free(r->s3_endpoint);
	/* half a pair is none */
	if (!r->aws->key || !r->aws->secret) {
		free(r->aws->key);
		r->aws->key = NULL;
		wipe(&r->aws->secret);
		wipe(&r->aws->token);
	}
	return ok;
}

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static bool take_pair(sp_aws *aws, const char *key, const char *secret, const char *token,
                      sp_error *err)
{
	if (aws->key || !key || !secret)
		return true;
	return set(&aws->key, key, err) && set(&aws->secret, secret, err) &&
	       set(&aws->token, token, err);
}

/* The first that says something counts. */
static bool combine(const sp_store_settings *given, const sp_aws *files, sp_aws *aws, sp_error *err)
{
	bool ok = true;

	if (given->profile)
		ok = take_pair(aws, files->key, files->secret, files->token, err);
	else
		ok = take_pair(aws, variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"),
		               variable("AWS_SESSION_TOKEN"), err) &&
		     take_pair(aws, files->key, files->secret, files->token, err);
	return ok && set(&aws->endpoint, given->endpoint, err) &&
	       set(&aws->endpoint, variable("AWS_ENDPOINT_URL_S3"), err) &&
	       set(&aws->endpoint, variable("AWS_ENDPOINT_URL"), err) &&
	       set(&aws->endpoint, files->endpoint, err) && set(&aws->region, given->region, err) &&
	       set(&aws->region, variable("AWS_REGION"), err) &&
	       set(&aws->region, variable("AWS_DEFAULT_REGION"), err) &&
	       set(&aws->region, files->region, err) && set(&aws->addressing, given->addressing, err) &&
	       set(&aws->addressing, files->addressing, err) &&
	       set(&aws->ca_file, given->ca_file, err) &&
	       set(&aws->ca_file, variable("AWS_CA_BUNDLE"), err) &&
	       set(&aws->ca_file, files->ca_file, err);
}

static bool fail_without(const reading *r, sp_error *err)
{
	if (r->other_way)
		return sp_fail(
			err, SP_USAGE,
			N_("Set the variables that \"aws configure export-credentials --format env\" "
		       "prints."),
			N_("the profile \"%s\" gets its credentials in a way that isn't known here"),
			r->profile);
	return sp_fail(err, SP_USAGE,
	               N_("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them into "
	                  "~/.aws/credentials."),
	               r->found ? N_("there are no credentials for the store in the profile \"%s\"")
	                        : N_("there are no credentials for the store, and no profile \"%s\""),
	               r->profile);
}

bool sp_aws_find(const sp_store_settings *given, sp_aws *aws, sp_error *err)
{
	sp_aws files = { 0 };
	reading r = { .aws = &files };
	bool ok;

	*aws = (sp_aws){ 0 };
	r.profile = given->profile ? given->profile : variable("AWS_PROFILE");
	r.profile = r.profile ? r.profile : "default";
	ok = read_files(&r, err) && combine(given, &files, aws, err);
	sp_aws_clear(&files);
	if (ok && !aws->key)
		ok = fail_without(&r, err);
	if (!ok)
		sp_aws_clear(aws);
	return ok;
}
