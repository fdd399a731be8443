#include <config.h>

#include "src/commands.h"

#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "src/keys.h"
#include "src/show.h"

/* What was made. */
typedef struct {
	sp_buf private, public;
	char fingerprint[SP_FINGERPRINT_LEN + 1];
	bool is_encrypted;
} made;

static bool make(const sp_cli *cli, made *made, sp_error *err)
{
	const char *name = sp_cli_arg(cli, 0);
	char passphrase[SP_MOST_PASSPHRASE];
	sp_private_key *key;
	size_t len = 0;
	bool ok;

	sp_buf_addf(&made->private, "%s.key", name);
	sp_buf_addf(&made->public, "%s.pub", name);
	if (made->private.failed || made->public.failed)
		return sp_fail_memory(err);
	key = sp_private_key_make(err);
	ok = key &&
	     (sp_public_key_fingerprint(sp_private_key_public(key), made->fingerprint) ||
	      sp_fail_memory(err)) &&
	     sp_cli_new_passphrase(cli, made->private.data, passphrase, &len, err) &&
	     sp_key_pair_write(key, name, passphrase, len, err);
	OPENSSL_cleanse(passphrase, sizeof passphrase);
	made->is_encrypted = len > 0;
	sp_private_key_free(key);
	return ok;
}

/* A line with a name or fingerprint in it; the format is translated. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void add_line(sp_buf *to, const char *format, const char *value)
{
	sp_buf line = { 0 };

	sp_buf_addf(&line, format, value);
	sp_safe_text(to, sp_buf_text(&line), line.len);
	sp_buf_addc(to, '\n');
	to->failed = to->failed || line.failed;
	sp_buf_free(&line);
}
#pragma GCC diagnostic pop

static bool show_for_people(const made *made, sp_error *err)
{
	sp_buf text = { 0 };
	bool ok = true;

	add_line(&text, _("private key: %s; sign with it, and give it to nobody"), made->private.data);
	add_line(&text, _("public key:  %s; for those who are to trust your packages"),
	         made->public.data);
	add_line(&text, _("fingerprint: %s; tell it them by another way than the key"),
	         made->fingerprint);
	if (text.failed)
		ok = sp_fail_memory(err);
	else if (fwrite(sp_buf_text(&text), 1, text.len, stdout) != text.len)
		ok = sp_fail_errno(err, errno, N_("standard output can't be written"));
	sp_buf_free(&text);
	return ok;
}

static bool show_json(const sp_cli *cli, const made *made, sp_error *err)
{
	sp_json *json = sp_json_object();
	bool ok;

	sp_json_add_bool(json, "success", true);
	sp_json_add_text(json, "private_key", made->private.data);
	sp_json_add_text(json, "public_key", made->public.data);
	sp_json_add_text(json, "fingerprint", made->fingerprint);
	ok = sp_json_add_bool(json, "passphrase", made->is_encrypted) ? sp_show_json(cli, json, err)
	                                                              : sp_fail_memory(err);
	sp_json_free(json);
	return ok;
}

sp_code cmd_keygen(const sp_cli *cli)
{
	made made = { .is_encrypted = false };
	sp_error err = SP_ERROR_INIT;
	sp_job *job = sp_job_create();
	sp_code code;

	if (!job)
		sp_fail_memory(&err);
	sp_signals_watch(job);
	if (job && make(cli, &made, &err)) {
		if (sp_cli_flag(cli, "json"))
			show_json(cli, &made, &err);
		else
			show_for_people(&made, &err);
	}
	sp_signals_watch(NULL);
	if (sp_error_is_set(&err))
		sp_show_error(cli, &err);
	code = err.code;
	sp_buf_free(&made.private);
	sp_buf_free(&made.public);
	sp_job_free(job);
	sp_error_clear(&err);
	return code;
}
