#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/store/net.h"

/* --- calls of libraries that fail, one after the other (linked with --wrap) --- */

static long countdown;
static const char *failed; /* the call that did */
static CURLMcode multi_code = CURLM_OUT_OF_MEMORY;

static bool fails_now(const char *name)
{
	if (countdown == 0 || --countdown > 0)
		return false;
	failed = name;
	return true;
}

#define WRAP(type, name, failure, parameters, arguments)                                           \
	type __real_##name parameters;                                                                 \
	type __wrap_##name parameters;                                                                 \
	type __wrap_##name parameters                                                                  \
	{                                                                                              \
		return fails_now(#name) ? (failure) : __real_##name arguments;                             \
	}

WRAP(CURL *, curl_easy_init, NULL, (void), ())
WRAP(CURLM *, curl_multi_init, NULL, (void), ())
WRAP(struct curl_slist *, curl_slist_append, NULL, (struct curl_slist * list, const char *text),
     (list, text))
WRAP(CURLMcode, curl_multi_add_handle, CURLM_OUT_OF_MEMORY, (CURLM * multi, CURL *easy),
     (multi, easy))
WRAP(CURLMcode, curl_multi_perform, multi_code, (CURLM * multi, int *running), (multi, running))
WRAP(CURLMcode, curl_multi_poll, multi_code,
     (CURLM * multi, struct curl_waitfd fds[], unsigned count, int wait, int *ready),
     (multi, fds, count, wait, ready))
WRAP(EVP_MD_CTX *, EVP_MD_CTX_new, NULL, (void), ())
WRAP(int, EVP_DigestFinal_ex, 0, (EVP_MD_CTX * ctx, unsigned char *to, unsigned *len),
     (ctx, to, len))
WRAP(char *, strdup, NULL, (const char *text), (text))
WRAP(void *, calloc, NULL, (size_t count, size_t size), (count, size))

CURLcode __real_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
	CURLcode code;
	va_list args;

	if (fails_now("curl_easy_setopt"))
		return CURLE_OUT_OF_MEMORY;
	va_start(args, option);
	if (option < CURLOPTTYPE_OBJECTPOINT)
		code = __real_curl_easy_setopt(easy, option, va_arg(args, long));
	else if (option < CURLOPTTYPE_OFF_T)
		code = __real_curl_easy_setopt(easy, option, va_arg(args, void *));
	else
		code = __real_curl_easy_setopt(easy, option, va_arg(args, curl_off_t));
	va_end(args);
	return code;
}

/* --- a server that says what it is told to, one connection after the other --- */

typedef struct {
	int fd;
	char url[64];
	const char *const *answers; /* the last one again and again; NULL at the end */
	sp_buf asked;
	pthread_t thread;
} server;

/* A request, with as much of a body as it says. */
static void take_request(int fd, sp_buf *to)
{
	size_t begin = to->len, end = 0;
	const char *text, *length;
	ssize_t n;

	while (!end || to->len < end) {
		n = recv(fd, sp_buf_reserve(to, 65536), 65535, 0);
		if (n <= 0)
			return;
		to->len += (size_t)n;
		to->data[to->len] = '\0';
		text = strstr(to->data + begin, "\r\n\r\n");
		if (end || !text)
			continue;
		length = strstr(to->data + begin, "Content-Length: ");
		end = (size_t)(text - to->data) + 4 + (length ? strtoul(length + 16, NULL, 10) : 0);
	}
}

static void *serve(void *ctx)
{
	server *s = ctx;
	const char *const *answer = s->answers;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		take_request(fd, &s->asked);
		(void)send(fd, *answer, strlen(*answer), MSG_NOSIGNAL);
		close(fd);
		if (answer[1])
			answer++;
	}
	return NULL;
}

static void begin_server(server *s, const char *const *answers)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof address;

	*s = (server){ .fd = socket(AF_INET, SOCK_STREAM, 0), .answers = answers };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(s->fd, 8), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&address, &len), 0);
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d/b/a", ntohs(address.sin_port));
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

/* What it was asked; the caller frees it. */
static char *end_server(server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
	return sp_buf_take(&s->asked);
}

/* --- */

static bool is_busy(long status, const sp_buf *body)
{
	(void)body;
	return status == 503;
}

static sp_net_settings settings(void)
{
	return (sp_net_settings){ .key = "key",
		                      .secret = "secret",
		                      .region = "r",
		                      .where = "the server",
		                      .timeout = 5,
		                      .again = is_busy };
}

/* Reads a stream to its end. */
static bool read_all(sp_http *http, sp_buf *to, sp_error *err)
{
	char part[7]; /* so little at a time */
	size_t got;

	do {
		if (!sp_http_read(http, part, sizeof part, &got, err))
			return false;
		sp_buf_add(to, part, got);
	} while (got);
	return true;
}

/* GETs a stream from a server that gives these answers: what came, or the error
 * in brackets. The caller frees it. */
static char *stream(const char *const *answers)
{
	sp_net_settings with = settings();
	sp_error err = SP_ERROR_INIT;
	sp_buf text = { 0 };
	sp_http_request request = { .method = "GET", .name = "a", .stream = true };
	server s;
	sp_net *net = sp_net_create(&with, NULL, &err);
	sp_http *http;
	const sp_answer *answer;

	begin_server(&s, answers);
	request.url = s.url;
	http = sp_http_start(net, &request, &err);
	assert_non_null(http);
	answer = sp_http_wait(http, &err);
	if (answer && answer->status != 200)
		sp_buf_addf(&text, "HTTP %ld", answer->status);
	else if (!answer || !read_all(http, &text, &err))
		sp_buf_addf(&text, "[%s]", sp_error_text_c(&err));
	sp_error_clear(&err);
	sp_http_free(http);
	sp_net_free(net);
	free(end_server(&s));
	return sp_buf_take(&text);
}

#define CUT  "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"e\"\r\n\r\n01234"
#define REST "HTTP/1.1 206 Partial\r\nContent-Length: 5\r\nETag: \"e\"\r\nContent-Range: "

static void expect_second(const char *first, const char *second, const char *expected)
{
	const char *const answers[] = { first, second, NULL };
	char *text = stream(answers);

	if (!strstr(text, expected))
		fail_msg("%s: %s instead of %s", second, text, expected);
	free(text);
}

static void what_was_cut_goes_on_where_it_stopped(void **state)
{
	(void)state;
	expect_second(CUT, REST "bytes 5-9/10\r\n\r\n56789", "0123456789");
	/* heads of any kind: other letters, blanks, one that only says to go on */
	expect_second(CUT,
	              "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 206 \r\ncontent-length:5\r\n"
	              "ETAG:\t\"e\" \t\r\nContent-Range:  BYTES 5-9/10 \r\n\r\n56789",
	              "0123456789");
	/* a server without ranges */
	expect_second(CUT, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"e\"\r\n\r\n0123456789",
	              "0123456789");
	expect_second("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", CUT "56789", "0123456789");
}

/* What is missing in it isn't taken for what isn't so. */
static void a_head_that_was_cut_is_no_answer(void **state)
{
	static const char *const heads[] = {
		"HTTP/1.1 200",
		"HTTP/1.1 200 OK\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1",
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"e\"\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof heads / sizeof *heads; i++)
		expect_second(heads[i], CUT "56789", "0123456789");
	expect_second(CUT, heads[3], "[the connection to the server broke");
}

static void another_part_is_not_put_together(void **state)
{
	static const char *const ranges[] = {
		"bytes 4-9/10", "bytes 5-9/11",
		"bytes 5-9/x",  "bytes x-9/10",
		"bytes 5-9",    "bytes 5/9-10",
		"bytes 5 9/10", "octets 5-9/9",
		"bytes -9/10",  "bytes */10",
		"bytes 5-9/",   "5-9/10",
		"by",           "bytes 99999999999999999999-9/10",
	};
	char answer[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		snprintf(answer, sizeof answer, REST "%s\r\n\r\n56789", ranges[i]);
		expect_second(CUT, answer, "[the store sent another part of \"a\"");
	}
	/* a part that nobody asked for */
	expect_second(REST "bytes 0-4/10\r\n\r\n01234", "", "[the store sent another part of \"a\"");
}

static void another_object_is_not_put_together(void **state)
{
	static const char *const seconds[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"f\"\r\n\r\n0123456789",
		"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nETag: \"e\"\r\n\r\n0123456789x",
		"HTTP/1.1 206 P\r\nContent-Length: 5\r\nContent-Range: bytes 5-9/10\r\n\r\n56789",
		"HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 412 Changed\r\nContent-Length: 0\r\n\r\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof seconds / sizeof *seconds; i++)
		expect_second(CUT, seconds[i], "[the file \"a\" changed in the store while it was read");
	/* without a strong tag nobody knows */
	expect_second("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: W/\"e\"\r\n\r\n01234", "x", "[");
	expect_second("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234", "x", "[");
}

static void a_stream_that_does_not_come(void **state)
{
	(void)state;
	expect_second(CUT, "HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n",
	              "[the store sent 5 bytes of \"a\" instead of 10");
	expect_second(CUT, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
	              "[the store broke off in the middle of \"a\": HTTP 403");
	expect_second("HTTP/1.1 200 OK\r\n\r\n01234", "", "[the store doesn't say how long \"a\" is");
	expect_second("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "", "HTTP 404");
	expect_second("nonsense\r\n\r\n", "", "[what the server answers isn't HTTP");
}

/* One exchange, whole: the answer's status; negative: an error. `body` gets the
 * answer's. */
static long exchange(const sp_net_settings *with, sp_http_request *request, const sp_job *job,
                     sp_buf *body, sp_error *err)
{
	sp_net *net = sp_net_create(with, job, err);
	sp_http *http = net ? sp_http_start(net, request, err) : NULL;
	const sp_answer *answer = http ? sp_http_wait(http, err) : NULL;
	long status = answer ? answer->status : -1;

	if (answer && body)
		sp_buf_adds(body, sp_buf_text(&answer->body));
	sp_http_free(http);
	sp_net_free(net);
	return status;
}

static void secrets_that_come_back_are_not_shown(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 403 No\r\nContent-Length: 22\r\n\r\nwho says secret or tok?", NULL
	};
	sp_net_settings with = settings();
	sp_error err = SP_ERROR_INIT;
	sp_http_request request = { .method = "GET" };
	sp_buf body = { 0 };
	char *asked;
	server s;

	(void)state;
	with.token = "tok";
	begin_server(&s, answers);
	request.url = s.url;
	assert_int_equal(exchange(&with, &request, NULL, &body, &err), 403);
	asked = end_server(&s);
	assert_non_null(strstr(asked, "x-amz-security-token: tok"));
	assert_null(strstr(asked, "secret"));
	assert_null(strstr(sp_buf_text(&body), "secret"));
	assert_null(strstr(sp_buf_text(&body), "tok"));
	assert_non_null(strstr(sp_buf_text(&body), "who says"));
	sp_buf_free(&body);
	free(asked);
}

static size_t count_of(const char *text, const char *part)
{
	size_t n = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		n++;
	}
	return n;
}

static void what_is_sent_is_sent_whole_again(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL
	};
	static const char *const methods[] = { "PUT", "POST" };
	sp_net_settings with = settings();
	sp_error err = SP_ERROR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		sp_http_request request = {
			.method = methods[i], .header = "X-More: 1", .body = "the whole body", .len = 14
		};
		server s;
		char *asked;

		begin_server(&s, answers);
		request.url = s.url;
		assert_int_equal(exchange(&with, &request, NULL, NULL, &err), 200);
		asked = end_server(&s);
		assert_int_equal(count_of(asked, "the whole body"), 2);
		assert_int_equal(count_of(asked, "X-More: 1"), 2);
		free(asked);
	}
}

/* Whatever a library can't do: an error. What begins to move is moved again. */
static void no_call_of_a_library_goes_unheeded(void **state)
{
	static const char *const answers[] = { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", NULL };
	static const sp_http_request requests[] = {
		{ .method = "GET", .name = "a" },
		{ .method = "GET", .stream = true },
		{ .method = "HEAD", .header = "X-More: 1" },
		{ .method = "PUT", .body = "abc", .len = 3 },
		{ .method = "POST", .body = "abc", .len = 3 },
		{ .method = "POST" },
		{ .method = "DELETE" },
	};
	sp_net_settings with = settings();
	size_t i;
	long n, status;

	(void)state;
	with.token = "tok";
	with.ca_file = "/dev/null";
	for (i = 0; i < sizeof requests / sizeof *requests; i++) {
		sp_http_request request = requests[i];
		server s;

		begin_server(&s, answers);
		request.url = s.url;
		for (n = 1;; n++) {
			sp_error err = SP_ERROR_INIT;

			countdown = n;
			status = exchange(&with, &request, NULL, NULL, &err);
			if (countdown > 0)
				break;
			if (status == 200 && strcmp(failed, "curl_multi_perform") != 0)
				fail_msg("nobody minded %s, call %ld", failed, n);
			assert_true(status == 200 || (status < 0 && sp_error_is_set(&err)));
			sp_error_clear(&err);
		}
		countdown = 0;
		assert_int_equal(status, 200);
		assert_in_range(n, 30, 200);
		free(end_server(&s));
	}
}

/* That isn't for want of memory. */
static void what_libcurl_says_is_told(void **state)
{
	static const char *const answers[] = { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", NULL };
	sp_net_settings with = settings();
	sp_http_request request = { .method = "GET" };
	bool told = false;
	long n;
	server s;

	(void)state;
	begin_server(&s, answers);
	request.url = s.url;
	multi_code = CURLM_INTERNAL_ERROR;
	for (n = 1;; n++) {
		sp_error err = SP_ERROR_INIT;

		countdown = n;
		(void)exchange(&with, &request, NULL, NULL, &err);
		told = told || strstr(sp_error_text_c(&err), "libcurl doesn't work");
		sp_error_clear(&err);
		if (countdown > 0)
			break;
	}
	countdown = 0;
	multi_code = CURLM_OUT_OF_MEMORY;
	assert_true(told);
	free(end_server(&s));
}

static void who_cancels_waits_for_nothing(void **state)
{
	static const char *const answers[] = { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL };
	sp_net_settings with = settings();
	sp_error err = SP_ERROR_INIT;
	sp_job *job = sp_job_create();
	sp_http_request request = { .method = "GET" };
	sp_net *net;
	sp_http *http;
	server s;

	(void)state;
	begin_server(&s, answers);
	request.url = s.url;
	sp_job_cancel(job);
	assert_int_equal(exchange(&with, &request, job, NULL, &err), -1);
	assert_int_equal(err.code, SP_INTERRUPTED);
	sp_error_clear(&err);
	/* tidying up goes on */
	net = sp_net_create(&with, job, &err);
	sp_net_hurry(net, true);
	http = sp_http_start(net, &request, &err);
	assert_non_null(sp_http_wait(http, &err));
	sp_http_free(http);
	sp_net_free(net);
	sp_job_free(job);
	free(end_server(&s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_cut_goes_on_where_it_stopped),
		cmocka_unit_test(a_head_that_was_cut_is_no_answer),
		cmocka_unit_test(another_part_is_not_put_together),
		cmocka_unit_test(another_object_is_not_put_together),
		cmocka_unit_test(a_stream_that_does_not_come),
		cmocka_unit_test(secrets_that_come_back_are_not_shown),
		cmocka_unit_test(what_is_sent_is_sent_whole_again),
		cmocka_unit_test(no_call_of_a_library_goes_unheeded),
		cmocka_unit_test(what_libcurl_says_is_told),
		cmocka_unit_test(who_cancels_waits_for_nothing),
	};

	/* a proxy knows nothing of this server */
	setenv("NO_PROXY", "*", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
