/* SPDX-License-Identifier: MIT */
/* What the head of an answer means to a transfer.
 * Holds: redirects: which are followed, what becomes of the method, how many, what is no URL, and
 * that nothing private goes to another origin; 401: in clear no password unasked, Digest before
 * Basic, a stale nonce anew, a wrong password once; statuses: 22, with a body when asked for, 0
 * when asked for; ranges: what is missing is asked for and has to come, another version starts
 * over, all of it as well, nothing missing is success, a part nobody asked for is refused, a whole
 * for a part too; 304 is an answer to a condition alone; 417 asks without Expect; refused cookies
 * are told. */
#include "get_transferring.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define TO(status, where)                                                                          \
	"HTTP/1.1 " status " Go\r\nLocation: " where "\r\nContent-Length: 4\r\n\r\ngone"
#define TAGGED "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 12\r\n\r\n"
#define PART(tag, range, length)                                                                   \
	"HTTP/1.1 206 Part\r\nETag: \"" tag "\"\r\nContent-Range: bytes " range                    \
	"\r\nContent-Length: " length "\r\n\r\n"

static const char *request_line(struct transferring *t, unsigned request)
{
	static char line[300];
	const char *head = answering_head(&t->server, request);

	cr_assert_not_null(head);
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(head, "\r"), head);
	return line;
}

/* --- redirects ------------------------------------------------------------------------ */

Test(transfer_answer, follows_redirects)
{
	const struct reply replies[] = { { TO("301", "/a?b#c"), REPLY_KEEP },
					 { TO("308", "d"), REPLY_KEEP },
					 { HELLO, REPLY_KEEP },
					 { 0 } };
	struct transferring t;
	char expected[300];

	transferring_prepare(&t, replies);
	cr_assert_eq(transferring_run(&t)->hop_count, 3U);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "hello");
	cr_assert_str_eq(request_line(&t, 1), "GET /a?b HTTP/1.1");
	cr_assert_str_eq(request_line(&t, 2), "GET /d HTTP/1.1");
	snprintf(expected, sizeof(expected),
		 "redirected 301 http://127.0.0.1:%u/a?b\nredirected 308 http://127.0.0.1:%u/d\n",
		 t.server.port, t.server.port);
	cr_assert_str_eq(t.log, expected);
	/* Their few words are read, so that the connection goes on. */
	cr_assert_eq(answering_connected(&t.server), 1U);
	transferring_end(&t);
}

static void becomes(const char *method, const char *answer, const char *line)
{
	const struct reply replies[] = { { answer, REPLY_CLOSE }, { HELLO, REPLY_CLOSE }, { 0 } };
	const char *data[] = { "a=b" };
	struct failure why;
	struct transferring t;

	transferring_prepare(&t, replies);
	t.options.method = method;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		t.options.body = get_body_data(data, 1, &why);
	transferring_run(&t);
	transferring_assert_done(&t);
	cr_assert_str_eq(request_line(&t, 1), line);
	cr_assert_str_eq(t.sent, !t.options.body                ? ""
				 : strncmp(line, "GET", 3) == 0 ? "a=b"
								: "a=ba=b");
	get_body_free(t.options.body);
	t.options.body = NULL;
	transferring_end(&t);
}

Test(transfer_answer, a_redirect_may_change_the_method)
{
	becomes("POST", TO("301", "/x"), "GET /x HTTP/1.1");
	becomes("POST", TO("302", "/x"), "GET /x HTTP/1.1");
	becomes("POST", TO("303", "/x"), "GET /x HTTP/1.1");
	becomes("POST", TO("307", "/x"), "POST /x HTTP/1.1");
	becomes("POST", TO("308", "/x"), "POST /x HTTP/1.1");
	becomes("PUT", TO("302", "/x"), "PUT /x HTTP/1.1");
	becomes("PUT", TO("303", "/x"), "GET /x HTTP/1.1");
	becomes("HEAD", "HTTP/1.1 303 Go\r\nLocation: /x\r\n\r\n", "HEAD /x HTTP/1.1");
}

static void refused(const char *answer, enum failure_class class, const char *text)
{
	const struct reply replies[] = { { answer, REPLY_KEEP }, { 0 } };
	struct transferring t;

	transferring_prepare(&t, replies);
	t.options.max_redirects = 2;
	transferring_run(&t);
	snprintf(t.url, sizeof(t.url), "http://127.0.0.1:%u/f", t.server.port);
	transferring_assert_failed(&t, class, text);
	transferring_assert_file(&t, "out", NULL);
	transferring_end(&t);
}

Test(transfer_answer, not_every_redirect_is_followed)
{
	refused(TO("302", "/f"), FAILURE_REDIRECTS, "more than 2 redirects (--max-redirects)");
	refused(TO("302", "file:///etc/passwd"), FAILURE_PROTOCOL,
		"redirected to: \"file:///etc/passwd\": only http and https are fetched, not file");
}

Test(transfer_answer, a_redirect_is_no_failure_when_it_is_not_followed)
{
	const struct reply replies[] = { { TO("302", "/x"), REPLY_KEEP }, { 0 } };
	struct transferring t;

	transferring_prepare(&t, replies);
	t.options.follow = false;
	transferring_run(&t);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "gone");
	transferring_end(&t);
}

Test(transfer_answer, nothing_private_crosses_origins)
{
	static const struct http_header headers[] = { { "Authorization", "mine" },
						      { "Cookie", "a=b" },
						      { "Host", "home.test" },
						      { "X-Mine", "goes" } };
	const struct reply there[] = { { HELLO, REPLY_KEEP }, { 0 } };
	struct transferring away, t;
	char go[300];
	struct reply replies[] = { { go, REPLY_KEEP }, { 0 } };

	transferring_prepare(&away, there);
	snprintf(go, sizeof(go), "HTTP/1.1 302 Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
		 away.url);
	transferring_prepare(&t, replies);
	t.options.headers = headers;
	t.options.header_count = 4;
	t.options.user = "u";
	t.options.password = "p";
	t.options.bearer = "token";
	t.options.cookies = "c=d";
	transferring_run(&t);
	transferring_assert_done(&t);
	cr_assert_str_eq(transferring_field(&t, 0, "Authorization"), "mine");
	cr_assert_str_eq(transferring_field(&t, 0, "Cookie"), "a=b");
	cr_assert_str_eq(transferring_field(&t, 0, "Host"), "home.test");
	cr_assert_str_eq(transferring_field(&away, 0, "Authorization"), "");
	cr_assert_str_eq(transferring_field(&away, 0, "Cookie"), "");
	cr_assert_str_eq(transferring_field(&away, 0, "X-Mine"), "goes");
	cr_assert(strncmp(transferring_field(&away, 0, "Host"), "127.0.0.1:", 10) == 0);
	t.options.header_count = 0;
	transferring_run(&t);
	cr_assert_str_eq(transferring_field(&t, 1, "Authorization"), "Bearer token");
	cr_assert_str_eq(transferring_field(&t, 1, "Cookie"), "c=d");
	cr_assert_str_eq(transferring_field(&away, 1, "Authorization"), "");
	cr_assert_str_eq(transferring_field(&away, 1, "Cookie"), "");
	transferring_end(&t);
	transferring_end(&away);
}

/* --- 401 ---------------------------------------------------------------------------------- */

#define ASKS(challenges) "HTTP/1.1 401 Who\r\n" challenges "Content-Length: 0\r\n\r\n"
#define BASIC            "WWW-Authenticate: Basic realm=\"r\"\r\n"
#define DIGEST(more)     "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"" more "\r\n"

static void asked(struct transferring *t, const struct reply *replies)
{
	transferring_prepare(t, replies);
	t->options.user = "u";
	t->options.password = "p";
	transferring_run(t);
}

Test(transfer_answer, a_password_goes_in_clear_only_when_asked_for)
{
	const struct reply replies[] = { { ASKS(BASIC), REPLY_KEEP },
					 { HELLO, REPLY_KEEP },
					 { 0 } };
	struct transferring t;

	asked(&t, replies);
	transferring_assert_done(&t);
	cr_assert_str_eq(transferring_field(&t, 0, "Authorization"), "");
	cr_assert_str_eq(transferring_field(&t, 1, "Authorization"), "Basic dTpw");
	transferring_end(&t);
}

Test(transfer_answer, a_digest_goes_before_a_password)
{
	const struct reply replies[] = { { ASKS(BASIC DIGEST("")), REPLY_KEEP },
					 { HELLO, REPLY_KEEP },
					 { 0 } };
	struct transferring t;

	asked(&t, replies);
	transferring_assert_done(&t);
	cr_assert(strncmp(transferring_field(&t, 1, "Authorization"), "Digest username=\"u\"",
			  19) == 0);
	cr_assert_not_null(strstr(transferring_field(&t, 1, "Authorization"), "nc=00000001"));
	transferring_end(&t);
}

static unsigned asked_in_vain(const char *first, const char *then)
{
	const struct reply replies[] = { { first, REPLY_KEEP }, { then, REPLY_KEEP }, { 0 } };
	struct transferring t;
	unsigned count;

	asked(&t, replies);
	transferring_assert_failed(&t, FAILURE_HTTP_STATUS, "status 401 Who");
	count = answering_requested(&t.server);
	transferring_end(&t);
	return count;
}

Test(transfer_answer, a_wrong_password_is_shown_once)
{
	cr_assert_eq(asked_in_vain(ASKS(BASIC), ASKS(BASIC)), 2U);
	cr_assert_eq(asked_in_vain(ASKS(DIGEST("")), ASKS(DIGEST(""))), 2U);
	/* No way down from a digest to the password itself. */
	cr_assert_eq(asked_in_vain(ASKS(DIGEST("")), ASKS(BASIC)), 2U);
	cr_assert_eq(asked_in_vain(ASKS(DIGEST("")), ASKS(DIGEST(", stale=true"))), 4U);
	cr_assert_eq(asked_in_vain(ASKS(""), ASKS("")), 1U);
}

/* --- statuses ------------------------------------------------------------------------------- */

#define LOST "HTTP/1.1 404 Not Here\r\nContent-Length: 4\r\n\r\nlost"

static void lost(bool body, bool no_fail, const char *content)
{
	const struct reply replies[] = { { LOST, REPLY_KEEP }, { 0 } };
	struct transferring t;

	transferring_prepare(&t, replies);
	t.options.body_on_error = body;
	t.options.no_fail = no_fail;
	cr_assert_eq(transferring_run(&t)->hops[0].status, 404);
	if (no_fail)
		transferring_assert_done(&t);
	else
		transferring_assert_failed(&t, FAILURE_HTTP_STATUS, "status 404 Not Here");
	transferring_assert_file(&t, "out", content);
	transferring_end(&t);
}

Test(transfer_answer, a_status_from_400_on_is_a_failure)
{
	lost(false, false, NULL);
	lost(true, false, "lost");
	lost(true, true, "lost");
	lost(false, true, "lost");
}

/* --- ranges ------------------------------------------------------------------------------------
 */

/* An earlier run that left a part, and then one that continues it. */
static const struct transfer_report *continued(struct transferring *t, const char *answer,
					       const char *then)
{
	const struct reply replies[] = {
		{ TAGGED "hello", REPLY_CLOSE }, { answer, REPLY_KEEP }, { then, REPLY_KEEP }, { 0 }
	};

	transferring_prepare(t, replies);
	t->options.retries = 0;
	transferring_run(t);
	transferring_assert_failed(t, FAILURE_TRUNCATED, "cut short: 5 of 12 bytes came");
	transferring_assert_file(t, "out.part", "hello");
	t->options.continuing = true;
	transferring_run(t);
	cr_assert_str_eq(transferring_field(t, 1, "Range"), "bytes=5-");
	cr_assert_str_eq(transferring_field(t, 1, "If-Range"), "\"v1\"");
	return transfer_report(t->transfer);
}

Test(transfer_answer, what_is_missing_is_fetched)
{
	const struct transfer_report *r;
	struct transferring t;

	r = continued(&t, PART("v1", "5-11/12", "7") ", world", NULL);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "hello, world");
	transferring_assert_file(&t, "out.part", NULL);
	cr_assert_eq(r->resumed, 5U);
	cr_assert_eq(r->total, 12U);
	cr_assert_eq(r->transferred, 7U);
	transferring_end(&t);
}

static void starts_over(const char *answer, const char *then, unsigned requests)
{
	struct transferring t;

	continued(&t, answer, then);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "fresh");
	transferring_assert_file(&t, "out.part", NULL);
	cr_assert_eq(answering_requested(&t.server), requests);
	transferring_end(&t);
}

#define FRESH "HTTP/1.1 200 OK\r\nETag: \"v2\"\r\nContent-Length: 5\r\n\r\nfresh"

Test(transfer_answer, another_version_is_fetched_whole)
{
	starts_over(FRESH, NULL, 2);
	starts_over("HTTP/1.1 203 Other\r\nContent-Length: 5\r\n\r\nfresh", NULL, 2);
	/* Servers that pass over If-Range. */
	starts_over(PART("v2", "5-11/12", "7") ", world", FRESH, 3);
	starts_over(PART("v1", "5-13/14", "9") ", world!!", FRESH, 3);
	starts_over("HTTP/1.1 416 No\r\nContent-Range: bytes */4\r\nContent-Length: 0\r\n\r\n",
		    FRESH, 3);
	starts_over("HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n", FRESH, 3);
	starts_over("HTTP/1.1 416 No\r\nETag: \"v2\"\r\nContent-Range: bytes */5\r\n"
		    "Content-Length: 0\r\n\r\n",
		    FRESH, 3);
}

static void wrong_range(const char *answer, const char *shown)
{
	struct transferring t;
	char text[200];

	continued(&t, answer, NULL);
	snprintf(text, sizeof(text), "asked for bytes from 5 on, the server sends \"%s\"", shown);
	transferring_assert_failed(&t, FAILURE_RESUME, text);
	transferring_assert_file(&t, "out.part", "hello");
	transferring_assert_file(&t, "out", NULL);
	transferring_end(&t);
}

Test(transfer_answer, another_range_is_refused)
{
	wrong_range(PART("v1", "4-11/12", "8") "o, world", "bytes 4-11/12");
	wrong_range(PART("v1", "5-10/12", "6") ", worl", "bytes 5-10/12");
	wrong_range(PART("v1", "5-11/12", "8") ", world!", "bytes 5-11/12");
	wrong_range("HTTP/1.1 206 Part\r\nETag: \"v1\"\r\nContent-Length: 7\r\n\r\n, world", "");
	wrong_range(PART("v1", "x", "7") ", world", "bytes x");
}

Test(transfer_answer, a_part_in_chunks_has_to_be_whole)
{
	struct transferring t;

	continued(&t,
		  "HTTP/1.1 206 Part\r\nETag: \"v1\"\r\nContent-Range: bytes 5-11/12\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n5\r\n, wor\r\n0\r\n\r\n",
		  NULL);
	transferring_assert_failed(&t, FAILURE_TRUNCATED, "cut short: 10 of 12 bytes came");
	transferring_assert_file(&t, "out.part", "hello, wor");
	transferring_end(&t);
	continued(&t,
		  "HTTP/1.1 206 Part\r\nETag: \"v1\"\r\nContent-Range: bytes 5-11/12\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n8\r\n, world!\r\n0\r\n\r\n",
		  NULL);
	transferring_assert_failed(&t, FAILURE_PROTOCOL,
				   "the server sent more than the bytes to 12 it announced");
	transferring_assert_file(&t, "out", NULL);
	transferring_assert_file(&t, "out.part", NULL);
	transferring_end(&t);
}

Test(transfer_answer, only_get_continues)
{
	const struct reply replies[] = { { TAGGED "hello", REPLY_CLOSE },
					 { HELLO, REPLY_CLOSE },
					 { 0 } };
	struct transferring t;

	transferring_prepare(&t, replies);
	t.options.retries = 0;
	transferring_run(&t);
	t.options.continuing = true;
	t.options.method = "POST";
	transferring_run(&t);
	transferring_assert_done(&t);
	cr_assert_str_eq(transferring_field(&t, 1, "Range"), "");
	transferring_assert_file(&t, "out", "hello");
	transferring_end(&t);
}

#define NOTHING                                                                                    \
	"HTTP/1.1 416 No\r\nETag: \"v1\"\r\nContent-Range: bytes */5\r\nContent-Length: 0\r\n\r\n"

/* All of a body of unknown length had come when the connection was reset. */
static const struct transfer_report *complete(struct transferring *t, const char *checksum)
{
	const struct reply replies[] = { { "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\n\r\nhello",
					   REPLY_RESET },
					 { NOTHING, REPLY_KEEP },
					 { 0 } };

	transferring_prepare(t, replies);
	t->options.retries = 0;
	t->options.checksum = checksum ? digest_find("md5", 3) : NULL;
	t->options.checksum_text = checksum;
	transferring_run(t);
	cr_assert_eq(t->why.class, FAILURE_RECEIVE, "%s", t->why.text);
	transferring_assert_file(t, "out.part", "hello");
	t->options.continuing = true;
	return transferring_run(t);
}

Test(transfer_answer, nothing_missing_is_success)
{
	const struct transfer_report *r;
	struct transferring t;

	r = complete(&t, NULL);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "hello");
	transferring_assert_file(&t, "out.part", NULL);
	cr_assert(r->complete_before);
	cr_assert_eq(r->done, 5U);
	cr_assert_eq(r->resumed, 5U);
	transferring_end(&t);
}

Test(transfer_answer, nothing_missing_is_held_to_its_checksum)
{
	struct transferring t;

	complete(&t, "5d41402abc4b2a76b9719d911017c592");
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "hello");
	transferring_end(&t);
	complete(&t, "00000000000000000000000000000000");
	transferring_assert_failed(&t, FAILURE_TRUNCATED,
				   "md5 is 5d41402abc4b2a76b9719d911017c592, not "
				   "00000000000000000000000000000000 as --checksum says");
	transferring_assert_file(&t, "out", NULL);
	transferring_assert_file(&t, "out.part", NULL);
	transferring_end(&t);
}

static void plain(struct transferring *t, const char *answer, const char *range)
{
	const struct reply replies[] = { { answer, REPLY_KEEP }, { 0 } };

	transferring_prepare(t, replies);
	t->options.range = range;
	transferring_run(t);
}

Test(transfer_answer, ranges_are_what_was_asked_for)
{
	struct transferring t;

	plain(&t, PART("v1", "5-11/12", "7") ", world", NULL);
	transferring_assert_failed(&t, FAILURE_PROTOCOL,
				   "the server sends a part (206) that nobody asked for");
	transferring_end(&t);
	plain(&t, PART("v1", "5-11/12", "7") ", world", "5-11");
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", ", world");
	transferring_end(&t);
	plain(&t, HELLO, "5-11");
	transferring_assert_failed(&t, FAILURE_RESUME,
				   "asked for bytes 5-11, the server sends all of it: it does not "
				   "know ranges");
	transferring_assert_file(&t, "out", NULL);
	transferring_end(&t);
	plain(&t, NOTHING, "5-11");
	transferring_assert_failed(&t, FAILURE_HTTP_STATUS, "status 416 No");
	transferring_end(&t);
}

/* --- conditions
 * ----------------------------------------------------------------------------------- */

#define SAME "HTTP/1.1 304 Same\r\n\r\n"

Test(transfer_answer, an_unchanged_file_stays)
{
	const struct reply replies[] = { { SAME, REPLY_KEEP }, { 0 } };
	struct transferring t;

	transferring_prepare(&t, replies);
	transferring_make_file(&t, "out", "there");
	t.options.newer = true;
	cr_assert(transferring_run(&t)->unchanged);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "there");
	cr_assert_str_neq(transferring_field(&t, 0, "If-Modified-Since"), "");
	t.options.newer = false;
	transferring_run(&t);
	transferring_assert_failed(&t, FAILURE_PROTOCOL,
				   "the server says that nothing has changed (304), which nobody "
				   "asked");
	transferring_assert_file(&t, "out", "there");
	transferring_end(&t);
}

/* --- the rest
 * ---------------------------------------------------------------------------------------- */

Test(transfer_answer, an_expectation_that_fails_is_dropped)
{
	const struct reply replies[] = { { "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n",
					   REPLY_CLOSE },
					 { HELLO, REPLY_CLOSE },
					 { 0 } };
	struct transferring t;
	struct failure why;
	char *large = calloc(1, (1 << 20) + 2);
	const char *pieces[] = { large };

	memset(large, 'x', (1 << 20) + 1);
	transferring_prepare(&t, replies);
	t.options.body = get_body_data(pieces, 1, &why);
	t.options.no_fail = true;
	transferring_start(&t);
	while (answering_requested(&t.server) < 2)
		ev_run(t.loop, EVRUN_ONCE);
	cr_assert_str_eq(transferring_field(&t, 0, "Expect"), "100-continue");
	cr_assert_str_eq(transferring_field(&t, 1, "Expect"), "");
	transfer_free(t.transfer);
	t.transfer = NULL;
	get_body_free(t.options.body);
	free(large);
	transferring_end(&t);
}

Test(transfer_answer, a_refused_cookie_is_told)
{
	const struct reply replies[] = {
		{ "HTTP/1.1 204 No\r\nSet-Cookie: a=b; Domain=other.test\r\n\r\n", REPLY_KEEP },
		{ 0 }
	};
	struct transferring t;

	transferring_prepare(&t, replies);
	t.options.jar = cookie_jar_new();
	transferring_run(&t);
	transferring_assert_done(&t);
	cr_assert(strncmp(t.log, "noticed 127.0.0.1: a cookie was refused: ", 41) == 0, "%s",
		  t.log);
	cookie_jar_free(t.options.jar);
	transferring_end(&t);
}
