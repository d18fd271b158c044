/* SPDX-License-Identifier: MIT */
/* What a transfer asks, and of whom.
 * Holds: the whole head of a plain request; headers of the user replace ours, an empty one takes it
 * away, Connection: close is understood; method by what is sent; queries, ranges, referers,
 * cookies, tokens; a user in the URL goes before -u, that before .netrc; conditions only about what
 * is there; large bodies ask first, unless told otherwise; --resolve and --connect-to dial
 * elsewhere under the same name; an HTTP proxy gets the whole URL and its password, exceptions and
 * origins never hear of it. */
#include "get_transferring.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define LASTING                                                                                    \
	{                                                                                          \
		{ HELLO, REPLY_KEEP },                                                             \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

static void assert_head(struct transferring *t, const char *line, const char *fields)
{
	char expected[1000];

	snprintf(expected, sizeof(expected), "%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s\r\n", line,
		 t->server.port, fields);
	transferring_assert_done(t);
	cr_assert_str_eq(answering_head(&t->server, answering_requested(&t->server) - 1), expected);
}

Test(transfer_request, asks_plainly)
{
	const struct reply replies[] = LASTING;
	struct transferring t;

	transferring_prepare(&t, replies);
	transferring_run(&t);
	assert_head(&t, "GET /f", "User-Agent: test\r\nAccept: */*\r\n");
	t.options.user_agent = NULL;
	transferring_run(&t);
	assert_head(&t, "GET /f", "User-Agent: sockutil/" SOCKUTIL_VERSION "\r\nAccept: */*\r\n");
	t.options.user_agent = "";
	transferring_run(&t);
	assert_head(&t, "GET /f", "Accept: */*\r\n");
	transferring_end(&t);
}

Test(transfer_request, asks_as_it_is_told)
{
	const struct reply replies[] = LASTING;
	struct transferring t;

	transferring_prepare(&t, replies);
	t.options.method = "PATCH";
	t.options.query = "a=b";
	t.options.referer = "http://r/";
	t.options.cookies = "c=d";
	t.options.bearer = "token";
	transferring_run(&t);
	assert_head(&t, "PATCH /f?a=b",
		    "User-Agent: test\r\nAccept: */*\r\nReferer: http://r/\r\n"
		    "Authorization: Bearer token\r\nCookie: c=d\r\nContent-Length: 0\r\n");
	transferring_end(&t);
}

Test(transfer_request, the_users_headers_go_before_ours)
{
	static const struct http_header headers[] = {
		{ "accept", "text/plain" }, { "User-Agent", "" }, { "X", "1" }, { "X", "2" },
		{ "Connection", "close" },
	};
	const struct reply replies[] = LASTING;
	struct transferring t;

	transferring_prepare(&t, replies);
	t.options.headers = headers;
	t.options.header_count = 5;
	transferring_run(&t);
	assert_head(&t, "GET /f", "accept: text/plain\r\nX: 1\r\nX: 2\r\nConnection: close\r\n");
	transferring_run(&t);
	cr_assert_eq(answering_connected(&t.server), 2U);
	transferring_end(&t);
}

static void method_is(bool body, bool upload, enum get_show show, const char *line,
		      const char *fields)
{
	const struct reply replies[] = { { "HTTP/1.1 204 No\r\n\r\n", REPLY_KEEP }, { 0 } };
	const char *data[] = { "a" };
	struct transferring t;
	struct failure why;

	transferring_prepare(&t, replies);
	t.options.body = body ? get_body_data(data, 1, &why) : NULL;
	t.options.upload = upload;
	t.options.show = show;
	transferring_run(&t);
	assert_head(&t, line, fields);
	get_body_free(t.options.body);
	t.options.body = NULL;
	transferring_end(&t);
}

Test(transfer_request, the_method_is_by_what_is_sent)
{
	method_is(false, false, GET_SHOW_BODY, "GET /f", "User-Agent: test\r\nAccept: */*\r\n");
	method_is(true, false, GET_SHOW_BODY, "POST /f",
		  "User-Agent: test\r\nAccept: */*\r\n"
		  "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1\r\n");
	method_is(true, true, GET_SHOW_BODY, "PUT /f",
		  "User-Agent: test\r\nAccept: */*\r\n"
		  "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1\r\n");
	/* It is shown. */
	cr_assert_eq(dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO), STDOUT_FILENO);
	method_is(false, false, GET_SHOW_HEAD, "HEAD /f", "User-Agent: test\r\nAccept: */*\r\n");
}

/* --- whom to be ---------------------------------------------------------------------- */

static void user_is(const char *in_url, const char *user, const char *netrc, const char *value)
{
	const struct reply replies[] = {
		{ "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"r\"\r\n"
		  "Content-Length: 0\r\n\r\n",
		  REPLY_KEEP },
		{ HELLO, REPLY_KEEP },
		{ 0 },
	};
	struct transferring t;

	transferring_prepare(&t, replies);
	snprintf(t.url, sizeof(t.url), "http://%s127.0.0.1:%u/f", in_url, t.server.port);
	t.options.user = user;
	t.options.password = user ? "p" : NULL;
	t.options.netrc = netrc;
	t.options.netrc_length = netrc ? strlen(netrc) : 0;
	transferring_run(&t);
	transferring_assert_done(&t);
	cr_assert_str_eq(transferring_field(&t, 1, "Authorization"), value);
	transferring_end(&t);
}

Test(transfer_request, the_nearest_user_is_asked_for)
{
	const char netrc[] = "machine 127.0.0.1 login n password p\n";

	user_is("a:p@", "b", netrc, "Basic YTpw");
	user_is("", "b", netrc, "Basic Yjpw");
	user_is("", NULL, netrc, "Basic bjpw");
}

/* --- conditions ------------------------------------------------------------------------ */

Test(transfer_request, conditions_are_about_what_is_there)
{
	const struct reply replies[] = LASTING;
	struct transferring t;
	char etag[100];

	transferring_prepare(&t, replies);
	snprintf(etag, sizeof(etag), "%s/etag", t.folder);
	transferring_make_file(&t, "etag", "\"v1\"\n");
	t.options.etag_file = etag;
	t.options.newer = true;
	transferring_run(&t);
	cr_assert_str_eq(transferring_field(&t, 0, "If-None-Match"), "");
	cr_assert_str_eq(transferring_field(&t, 0, "If-Modified-Since"), "");
	transferring_run(&t);
	cr_assert_str_eq(transferring_field(&t, 1, "If-None-Match"), "\"v1\"");
	cr_assert_not_null(strstr(transferring_field(&t, 1, "If-Modified-Since"), " GMT"));
	transferring_make_file(&t, "etag", "\"v1\"\r\nX: y");
	transferring_run(&t);
	cr_assert_str_eq(transferring_field(&t, 2, "If-None-Match"), "");
	transferring_end(&t);
}

/* --- where -------------------------------------------------------------------------------- */

Test(transfer_request, goes_elsewhere_under_the_same_name)
{
	const struct reply replies[] = LASTING;
	struct get_route route = { .host = "NAME.test", .port = 81, .to_host = "127.0.0.1" };
	struct transferring t;

	transferring_prepare(&t, replies);
	route.to_port = (int)t.server.port;
	t.options.routes = &route;
	t.options.route_count = 1;
	snprintf(t.url, sizeof(t.url), "http://name.test:81/f");
	transferring_run(&t);
	transferring_assert_done(&t);
	cr_assert_str_eq(transferring_field(&t, 0, "Host"), "name.test:81");
	snprintf(t.url, sizeof(t.url), "http://127.0.0.1:1/f");
	transferring_run(&t);
	cr_assert_eq(t.why.class, FAILURE_CONNECT);
	route = (struct get_route){
		.connect_to = true, .host = "", .to_host = "", .to_port = (int)t.server.port
	};
	transferring_run(&t);
	transferring_assert_done(&t);
	cr_assert_str_eq(transferring_field(&t, 1, "Host"), "127.0.0.1:1");
	transferring_end(&t);
}

/* --- proxies ---------------------------------------------------------------------- */

/* The test's server as the proxy on the way to another host. */
static void through_a_proxy(struct transferring *t, struct http_way *way, struct proxy_hop *hop)
{
	*hop = (struct proxy_hop){
		.kind = PROXY_HTTP,
		.endpoint = t->server.origin.endpoint,
		.user = "me",
		.password = "pw",
	};
	*way = (struct http_way){ .hops = hop, .count = 1 };
	t->options.http_way = t->options.https_way = way;
}

Test(transfer_request, a_proxy_gets_the_whole_url)
{
	const struct reply replies[] = LASTING;
	struct http_way way;
	struct proxy_hop hop;
	struct transferring t;
	char expected[400];

	transferring_prepare(&t, replies);
	through_a_proxy(&t, &way, &hop);
	transferring_run(&t);
	snprintf(expected, sizeof(expected),
		 "GET http://127.0.0.1:%u/f HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
		 "User-Agent: test\r\nAccept: */*\r\nProxy-Authorization: Basic bWU6cHc=\r\n\r\n",
		 t.server.port, t.server.port);
	transferring_assert_done(&t);
	cr_assert_str_eq(answering_head(&t.server, 0), expected);
	transferring_end(&t);
}

Test(transfer_request, an_exception_hears_nothing_of_the_proxy)
{
	static const struct http_header headers[] = { { "Proxy-Authorization", "Basic eDp5" } };
	const struct reply replies[] = LASTING;
	struct http_way way;
	struct proxy_hop hop;
	struct transferring t;

	transferring_prepare(&t, replies);
	through_a_proxy(&t, &way, &hop);
	t.options.no_proxy = "127.0.0.0/8";
	t.options.headers = headers;
	t.options.header_count = 1;
	transferring_run(&t);
	assert_head(&t, "GET /f", "User-Agent: test\r\nAccept: */*\r\n");
	transferring_end(&t);
}

Test(transfer_request, a_proxy_that_wants_to_know_who_asks)
{
	const struct reply replies[] = {
		{ "HTTP/1.1 407 Who\r\nContent-Length: 2\r\n\r\nno", REPLY_KEEP }, { 0 }
	};
	struct http_way way;
	struct proxy_hop hop;
	struct transferring t;
	char expected[200];

	transferring_prepare(&t, replies);
	through_a_proxy(&t, &way, &hop);
	hop.user = NULL;
	transferring_run(&t);
	snprintf(expected, sizeof(expected),
		 "the proxy 127.0.0.1:%u wants to know who asks (status 407); --proxy-auth says it",
		 t.server.port);
	transferring_assert_failed(&t, FAILURE_PROXY, expected);
	transferring_end(&t);
}
