#include <config.h>

#include "core/store/net_fail.h"

#include <curl/curl.h>
#include <inttypes.h>

/* A good answer that ended too early. */
static bool fail_cut(const sp_net_failure *f, sp_error *err)
{
	if (f->status >= 300 && f->flaw == SP_NET_FINE)
		return sp_fail(err, SP_FAILED, N_("Try again later."),
		               N_("the store broke off in the middle of \"%s\": HTTP %ld"), f->name,
		               f->status);
	return sp_fail(err, SP_FAILED, N_("Check that the endpoint is an S3 store."),
	               N_("the store sent %" PRId64 " bytes of \"%s\" instead of %" PRId64),
	               f->received, f->name, f->length);
}

static bool fail_flaw(const sp_net_failure *f, sp_error *err)
{
	switch (f->flaw) {
	case SP_NET_CHANGED:
		return sp_fail(err, SP_FAILED, N_("Somebody is writing it: try again."),
		               N_("the file \"%s\" changed in the store while it was read"), f->name);
	case SP_NET_NO_LENGTH:
		return sp_fail(err, SP_FAILED, N_("Check that the endpoint is an S3 store."),
		               N_("the store doesn't say how long \"%s\" is"), f->name);
	case SP_NET_SHORT: return fail_cut(f, err);
	case SP_NET_WRONG_RANGE:
		return sp_fail(err, SP_FAILED, N_("Check that the endpoint is an S3 store."),
		               N_("the store sent another part of \"%s\" than was asked for"), f->name);
	case SP_NET_TOO_LARGE:
		return sp_fail(err, SP_FAILED, N_("Check that the endpoint is an S3 store."),
		               N_("the store's answer is far too long"));
	default: return sp_fail_memory(err);
	}
}

static bool fail_tls(const sp_net_failure *f, sp_error *err)
{
	if (f->code == CURLE_SSL_CACERT_BADFILE)
		return sp_fail(err, SP_USAGE, N_("It should hold certificates in PEM form."),
		               N_("can't use the file of certificates %s"), f->ca_file ? f->ca_file : "");
	return sp_fail(err, SP_NO_CONNECTION,
	               N_("Where a private authority signed its certificate, name the file of that "
	                  "authority with --store-ca or in AWS_CA_BUNDLE."),
	               N_("%s can't prove who it is: %s"), f->where, f->said);
}

static bool fail_silent(const sp_net_failure *f, sp_error *err)
{
	return sp_fail(err, SP_NO_CONNECTION, N_("Try again, or give it more time."),
	               N_("%s sent nothing, or almost nothing, for %d seconds"), f->where, f->timeout);
}

bool sp_net_fail(const sp_net_failure *f, sp_error *err)
{
	CURLcode code = (CURLcode)f->code;
	const char *said = *f->said ? f->said : curl_easy_strerror(code);

	if (f->flaw != SP_NET_FINE)
		return fail_flaw(f, err);
	switch (code) {
	case CURLE_OK: return fail_cut(f, err);
	case CURLE_OUT_OF_MEMORY: return sp_fail_memory(err);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CACERT_BADFILE: return fail_tls(f, err);
	case CURLE_OPERATION_TIMEDOUT:
		if (!*f->said)
			return fail_silent(f, err);
		/* libcurl's own time-out is that of connecting */
		__attribute__((fallthrough));
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
		return sp_fail(err, SP_NO_CONNECTION,
		               N_("Check the endpoint of the store, and the network."),
		               N_("can't connect to %s: %s"), f->where, said);
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return sp_fail(err, SP_FAILED, N_("Check that the endpoint is an S3 store."),
		               N_("what %s answers isn't HTTP: %s"), f->where, said);
	default:
		return sp_fail(err, SP_NO_CONNECTION, N_("Check the network, and try again."),
		               N_("the connection to %s broke: %s"), f->where, said);
	}
}
