/* SPDX-License-Identifier: MIT */
/* The gateway as an HTTP proxy. */
#include <stdio.h>
#include <string.h>

#include <sockutil/base/log.h>
#include <sockutil/base/number.h>
#include <sockutil/proto/http_framing.h>
#include <sockutil/proto/url.h>
#include <sockutil/serve/gateway_exchange.h>
#include <sockutil/serve/gateway_heads.h>
#include <sockutil/serve/gateway_parts.h>

/* ------ answers of our own ------ */

static const struct {
	int status;
	const char *reason;
	const char *fields; /* of that status alone */
} answers[] = {
	{ 200, "OK", "Allow: CONNECT, GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\r\n" },
	{ 400, "Bad Request", "" },
	{ 403, "Forbidden", "" },
	{ 405, "Method Not Allowed",
	  "Allow: CONNECT, GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\r\n" },
	{ 407, "Proxy Authentication Required",
	  "Proxy-Authenticate: Basic realm=\"gateway\", charset=\"UTF-8\"\r\n" },
	{ 408, "Request Timeout", "" },
	{ 414, "URI Too Long", "" },
	{ 431, "Request Header Fields Too Large", "" },
	{ 501, "Not Implemented", "" },
	{ 502, "Bad Gateway", "" },
	{ 504, "Gateway Timeout", "" },
	{ 505, "HTTP Version Not Supported", "" },
	{ 500, "Internal Server Error", "" }, /* the last: what no other row fits */
};
enum { ANSWERS = sizeof(answers) / sizeof(answers[0]) };

void gateway_http_answer(struct session *session, int status, bool to_head, const char *text)
{
	char masked[600], out[1400];
	size_t row = 0, length;
	int written;

	while (row < ANSWERS - 1 && answers[row].status != status)
		++row;
	log_mask(masked, sizeof(masked), text, strlen(text));
	length = strlen(masked);
	written = snprintf(out, sizeof(out),
			   "HTTP/1.1 %d %s\r\n%sContent-Type: text/plain; charset=utf-8\r\n"
			   "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
			   "Content-Length: %zu\r\nConnection: close\r\n\r\n%s%s",
			   answers[row].status, answers[row].reason, answers[row].fields,
			   length + 1, to_head ? "" : masked, to_head ? "" : "\n");
	session_limit(session, 0);
	session_say_last(session, out, (size_t)written,
			 status == 200 ? "answered" : answers[row].reason);
}

void gateway_http_expired(struct session *session)
{
	gateway_http_answer(session, 408, false,
			    "the request was not whole in time (--handshake-timeout)");
}

/* What lies behind us is nobody else's business. */
static void answer_unreached(struct session *session, bool to_head, const struct failure *why)
{
	const bool of_proxy = why->class == FAILURE_PROXY || why->class == FAILURE_PROXY_NAME;

	gateway_http_answer(session, gateway_http_status(why), to_head,
			    of_proxy ? "the way to the target failed" : why->text);
}

/* ------ CONNECT ------ */

static void connect_opened(struct session *session, const struct address *local,
			   const struct failure *why)
{
	static const char granted[] = "HTTP/1.1 200 Connection established\r\n\r\n";

	(void)local;
	if (why)
		answer_unreached(session, false, why);
	else
		gateway_tunnel_start(session, granted, sizeof(granted) - 1);
}

static void refuse_private(struct session *session, bool to_head)
{
	gateway_http_answer(session, 403, to_head,
			    "targets in private networks are not served (--allow-private)");
}

/* "host:port", "[v6]:port", as the request's parser took it. */
static bool connect_target(struct endpoint *out, const struct http_request_head *request,
			   struct failure *why)
{
	char text[300];
	char *colon;
	uint64_t port = 0;

	if (request->target_length >= sizeof(text)) {
		fail(why, FAILURE_USAGE, "a host has at most 253 bytes");
		return false;
	}
	memcpy(text, request->target, request->target_length);
	text[request->target_length] = '\0';
	colon = strrchr(text, ':');
	if (!colon || !number_parse(colon + 1, 65535, &port)) {
		fail(why, FAILURE_USAGE, "no port: CONNECT HOST:PORT");
		return false;
	}
	*colon = '\0';
	return gateway_target(out, text, (int)port, why);
}

static void http_connect(struct session *session, const struct http_request_head *request)
{
	struct gateway_state *state = gateway_state(session);
	struct endpoint target;
	struct failure why = { 0 };
	char text[ENDPOINT_TEXT_MAX];

	if (!connect_target(&target, request, &why)) {
		gateway_http_answer(session, 400, false, why.text);
		return;
	}
	gateway_say(session, "CONNECT", endpoint_text(text, &target));
	if (!gateway_host_permitted(session, target.host)) {
		refuse_private(session, false);
		return;
	}
	gateway_begin_work(session);
	buffer_take(&state->in, request->head.length);
	gateway_open(session, &target, connect_opened);
}

/* ------ http:// ------ */

static void forward_opened(struct session *session, const struct address *local,
			   const struct failure *why)
{
	const bool to_head = gateway_exchange_is_to_head(gateway_state(session)->exchange);

	(void)local;
	if (why)
		answer_unreached(session, to_head, why);
	else
		gateway_exchange_start(session);
}

static bool forward_url(struct url *url, const struct http_request_head *request,
			struct failure *why)
{
	char text[URL_MAX];

	if (request->target_length >= sizeof(text)) {
		fail(why, FAILURE_URL, "the URL has over %d bytes", URL_MAX - 1);
		return false;
	}
	memcpy(text, request->target, request->target_length);
	text[request->target_length] = '\0';
	if (!url_parse(url, text, why))
		return false;
	if (url->scheme_given && !url->https)
		return true;
	fail(why, FAILURE_URL, "only http:// URLs are forwarded; for others use CONNECT");
	return false;
}

/* A dot at the end keeps search domains out: whoever dials puts it back. */
static bool forward_target(struct endpoint *out, const struct url *url, struct failure *why)
{
	char host[URL_HOST_MAX + 1];

	snprintf(host, sizeof(host), "%s%s", url->host, url->rooted ? "." : "");
	return gateway_target(out, host, url->port, why);
}

static bool forward_prepare(struct session *session, const struct http_request_head *request,
			    const struct http_framing *framing, const struct url *url)
{
	struct gateway_state *state = gateway_state(session);
	struct gateway_exchange_options options = {
		.framing = *framing,
		.to_head = http_request_is(request, "HEAD"),
		.plain = request->head.minor == 0,
	};

	if (!gateway_heads_request(&options.head, request, framing, url,
				   gateway_data(session)->name)) {
		buffer_free(&options.head);
		return false;
	}
	buffer_take(&state->in, request->head.length);
	gateway_exchange_new(session, &options);
	return true;
}

static void http_forward(struct session *session, const struct http_request_head *request,
			 const struct http_framing *framing)
{
	const bool to_head = http_request_is(request, "HEAD");
	struct endpoint target;
	struct failure why = { 0 };
	struct url url;
	char how[40], text[ENDPOINT_TEXT_MAX];

	if (!forward_url(&url, request, &why) || !forward_target(&target, &url, &why)) {
		gateway_http_answer(session, 400, to_head, why.text);
		return;
	}
	snprintf(how, sizeof(how), "%.*s",
		 request->method_length < 32 ? (int)request->method_length : 32, request->method);
	gateway_say(session, how, endpoint_text(text, &target));
	if (gateway_heads_looped(&request->head, gateway_data(session)->name)) {
		gateway_http_answer(session, 502, to_head, "the request has come by here before");
	} else if (!gateway_host_permitted(session, target.host)) {
		refuse_private(session, to_head);
	} else if (forward_prepare(session, request, framing, &url)) {
		gateway_begin_work(session);
		gateway_open(session, &target, forward_opened);
	} else {
		gateway_http_answer(session, 400, to_head, "too many names in Connection");
	}
}

/* ------ which of them ------ */

static bool is_allowed(const struct session *session, const struct http_head *head)
{
	return login_basic_of(gateway_data(session)->options->logins, head, "Proxy-Authorization");
}

/* Whom the request is for, when it is not to go further. 0: it is. */
static int http_own_status(const struct session *session, const struct http_request_head *request,
			   const struct http_framing *framing, const char **text)
{
	const bool options = http_request_is(request, "OPTIONS");

	*text = "";
	if (!is_allowed(session, &request->head)) {
		*text = "this proxy asks for a login";
		return 407;
	}
	if (http_request_is(request, "TRACE")) {
		*text = "TRACE is not served: it would show what browsers hide from scripts";
		return 405;
	}
	if (request->form == HTTP_TARGET_ASTERISK ||
	    (options && gateway_heads_last(&request->head))) {
		*text = "this is a proxy";
		return 200;
	}
	if (request->form == HTTP_TARGET_ORIGIN) {
		*text = "this is a proxy: it takes CONNECT host:port and http:// URLs";
		return 400;
	}
	if (request->form == HTTP_TARGET_AUTHORITY && framing->body != HTTP_BODY_NONE &&
	    !(framing->body == HTTP_BODY_LENGTH && framing->length == 0)) {
		*text = "a CONNECT request has no body";
		return 400;
	}
	return 0;
}

static void http_request(struct session *session, const struct http_request_head *request)
{
	const bool to_head = http_request_is(request, "HEAD");
	struct http_framing framing;
	struct failure why = { 0 };
	const char *text;
	int status = 400;

	if (!http_framing_of_request(&framing, request, &status, &why)) {
		gateway_http_answer(session, status, to_head, why.text);
		return;
	}
	status = http_own_status(session, request, &framing, &text);
	if (status != 0)
		gateway_http_answer(session, status, to_head, text);
	else if (request->form == HTTP_TARGET_AUTHORITY)
		http_connect(session, request);
	else
		http_forward(session, request, &framing);
}

bool gateway_http_talk(struct session *session)
{
	struct gateway_state *state = gateway_state(session);
	struct http_request_head request;
	struct failure why = { 0 };
	int status = 400;

	switch (http_request_head_parse(&request, &state->scan, buffer_bytes(&state->in),
					state->in.length, &status, &why)) {
	case IO_AGAIN:
		return true;
	case IO_DONE:
		http_request(session, &request);
		return false;
	default:
		gateway_http_answer(session, status, false, why.text);
		return false;
	}
}
