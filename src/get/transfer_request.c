/* SPDX-License-Identifier: MIT */
/* src/get/transfer_request.c - what is asked, of whom. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/random.h>
#include <sockutil/get/transfer_parts.h>
#include <sockutil/http/coding.h>
#include <sockutil/net/idn.h>
#include <sockutil/proto/http_date.h>
#include <sockutil/proto/no_proxy.h>

enum { CONTINUE_ABOVE = 1 << 20 }; /* larger bodies ask first (Expect) */

/* --- whom ------------------------------------------------------------------- */

static bool route_fits(const struct get_route *route, const struct http_origin *origin)
{
	if (route->port && route->port != origin->port)
		return false;
	return !*route->host || strcmp(route->host, "*") == 0 ||
	       strcasecmp(route->host, origin->host) == 0;
}

static bool endpoint_of(struct endpoint *out, const char *host, int port, struct failure *why)
{
	char service[8];

	snprintf(service, sizeof(service), "%d", port);
	return endpoint_parse_pair(out, host, service, why);
}

/* --resolve and --connect-to: the first that fits decides what is dialled. */
static bool dial_elsewhere(struct transfer *t, struct failure *why)
{
	const struct get_options *o = t->options;

	if (o->unix_socket) {
		char text[sizeof("unix:") + sizeof(t->origin.endpoint.path)];

		snprintf(text, sizeof(text), "unix:%s", o->unix_socket);
		return endpoint_parse(&t->origin.endpoint, text, false, why);
	}
	for (size_t i = 0; i < o->route_count; i++) {
		const struct get_route *route = &o->routes[i];

		if (!route_fits(route, &t->origin))
			continue;
		return endpoint_of(&t->origin.endpoint,
				   *route->to_host ? route->to_host : t->origin.host,
				   route->to_port ? route->to_port : t->origin.port, why);
	}
	return endpoint_of(&t->origin.endpoint, t->origin.host, t->origin.port, why);
}

static bool speaks_http(const struct http_way *way)
{
	const enum proxy_kind kind = way->hops[way->count - 1].kind;

	return kind == PROXY_HTTP || kind == PROXY_HTTPS;
}

/* The proxies for this URL, asked anew for each: a redirect may lead out of their reach. */
static void choose_way(struct transfer *t)
{
	const struct get_options *o = t->options;
	const struct http_way *way = t->url.https ? o->https_way : o->http_way;
	struct endpoint usual;
	struct failure ignored;

	free(t->absolute);
	t->absolute = NULL;
	if (!way || way->count == 0 || o->unix_socket ||
	    no_proxy_fits(o->no_proxy, t->origin.host, t->origin.port) ||
	    no_proxy_fits(o->no_proxy, t->url.host, t->origin.port))
		return;
	t->origin.way = way;
	/* A place of the user's choice is one only a tunnel leads to. */
	t->origin.absolute = !t->url.https && o->version != HTTP_VERSION_2 && speaks_http(way) &&
			     endpoint_of(&usual, t->origin.host, t->origin.port, &ignored) &&
			     usual.port == t->origin.endpoint.port &&
			     strcmp(usual.host, t->origin.endpoint.host) == 0;
}

/* As the proxy reads it: its own idea of the host, not a Host header's. */
static void make_absolute(struct transfer *t)
{
	struct buffer text = { 0 };

	if (!t->origin.absolute)
		return;
	buffer_format(&text, "http://%s%s", t->authority, t->url.target);
	t->absolute = memory_string(buffer_text(&text));
	buffer_free(&text);
}

/* -H Host: goes to the first origin alone. */
static const char *own_host_header(const struct transfer *t)
{
	if (!url_same_origin(&t->first, &t->url))
		return NULL;
	for (size_t i = 0; i < t->options->header_count; i++)
		if (strcasecmp(t->options->headers[i].name, "Host") == 0)
			return t->options->headers[i].value;
	return NULL;
}

bool transfer_origin_make(struct transfer *t, struct failure *why)
{
	const char *host;

	memset(&t->origin, 0, sizeof(t->origin));
	t->origin.https = t->url.https;
	t->origin.port = t->url.port;
	if (!idn_to_ascii(t->origin.host, t->url.host, why)) {
		why->class = FAILURE_URL;
		return false;
	}
	url_authority(t->authority, &t->url, t->origin.host);
	if (!dial_elsewhere(t, why))
		return false;
	choose_way(t);
	make_absolute(t);
	host = own_host_header(t);
	if (host)
		snprintf(t->authority, sizeof(t->authority), "%s", host);
	return true;
}

static void forget(char **secret)
{
	if (*secret)
		memory_wipe(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

void transfer_credentials_forget(struct transfer *t)
{
	forget(&t->user);
	forget(&t->password);
}

static void be(struct transfer *t, const char *user, const char *password)
{
	t->user = memory_string(user);
	t->password = memory_string(password ? password : "");
}

void transfer_credentials_find(struct transfer *t)
{
	const struct get_options *o = t->options;
	struct netrc_entry entry;

	transfer_credentials_forget(t);
	t->challenge.scheme = HTTP_AUTH_NONE;
	t->answered_challenges = 0;
	if (t->url.has_user)
		be(t, t->url.user, t->url.password);
	else if (o->user && url_same_origin(&t->first, &t->url))
		be(t, o->user, o->password);
	else if (o->netrc && netrc_find(&entry, o->netrc, o->netrc_length, t->url.host, NULL))
		be(t, entry.login, entry.password);
}

/* --- headers ---------------------------------------------------------------- */

static bool user_has(const struct transfer *t, const char *name)
{
	for (size_t i = 0; i < t->options->header_count; i++)
		if (strcasecmp(t->options->headers[i].name, name) == 0)
			return true;
	return false;
}

/* Unless -H says something about it. value is copied. */
static void add(struct transfer *t, const char *name, const char *value)
{
	char *copy;

	if (user_has(t, name) || t->owned_count == TRANSFER_OWN_HEADERS)
		return;
	copy = memory_string(value);
	t->owned[t->owned_count++] = copy;
	t->headers[t->header_count++] = (struct http_header){ .name = name, .value = copy };
}

/* What tells who the user is stays at the origin it was given for. */
static bool is_private(const char *name)
{
	static const char *const names[] = { "Authorization", "Cookie", "Host" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool is_connection_close(const struct http_header *h)
{
	return strcasecmp(h->name, "Connection") == 0;
}

/* What a proxy is to know no origin is told; the proxy of all plain requests is the same. */
static bool is_for_proxy(const struct http_header *h)
{
	return strcasecmp(h->name, "Proxy-Authorization") == 0;
}

static void add_users(struct transfer *t)
{
	bool home = url_same_origin(&t->first, &t->url);

	for (size_t i = 0; i < t->options->header_count; i++) {
		const struct http_header *h = &t->options->headers[i];

		if (!*h->value || strcasecmp(h->name, "Host") == 0 ||
		    strcasecmp(h->name, "Expect") == 0 || (!home && is_private(h->name)) ||
		    (is_for_proxy(h) && !t->absolute))
			continue;
		if (is_connection_close(h))
			t->request.close = strcasecmp(h->value, "close") == 0;
		else
			t->headers[t->header_count++] = *h;
	}
}

/* In clear a password goes out only when the server asks, and as little of it as it accepts. */
static void add_authorization(struct transfer *t)
{
	const struct http_credentials who = { .user = t->user, .password = t->password };
	struct buffer value = { 0 };
	char cnonce[33];
	const char *text;

	if (t->options->bearer && url_same_origin(&t->first, &t->url)) {
		buffer_format(&value, "Bearer %s", t->options->bearer);
	} else if (t->user && t->challenge.scheme == HTTP_AUTH_DIGEST) {
		random_text(cnonce, sizeof(cnonce) - 1);
		http_auth_digest(&value, &t->challenge, &who, t->method, t->url.target, cnonce,
				 ++t->nonce_count);
	} else if (t->user && (t->challenge.scheme == HTTP_AUTH_BASIC || t->url.https)) {
		http_auth_basic(&value, &who);
	}
	text = buffer_text(&value);
	if (text && *text)
		add(t, "Authorization", text);
	memory_wipe(buffer_bytes(&value), value.length);
	buffer_free(&value);
}

static void add_proxy_authorization(struct transfer *t)
{
	const struct proxy_hop *hop;
	struct http_credentials who;
	struct buffer value = { 0 };

	if (!t->absolute)
		return;
	hop = &t->origin.way->hops[t->origin.way->count - 1];
	if (!hop->user)
		return;
	who = (struct http_credentials){ .user = hop->user, .password = hop->password };
	if (http_auth_basic(&value, &who))
		add(t, "Proxy-Authorization", buffer_text(&value));
	if (value.length > 0)
		memory_wipe(buffer_bytes(&value), value.length);
	buffer_free(&value);
}

static void add_cookies(struct transfer *t)
{
	const struct get_options *o = t->options;
	struct buffer value = { 0 };
	const char *text;

	if (o->cookies && url_same_origin(&t->first, &t->url))
		buffer_format(&value, "%s", o->cookies);
	if (o->jar) {
		struct buffer own = { 0 };

		cookie_jar_header(o->jar, &t->url, t->origin.host, time(NULL), &own);
		if (own.length > 0)
			buffer_format(&value, "%s%s", value.length ? "; " : "", buffer_text(&own));
		buffer_free(&own);
	}
	text = buffer_text(&value);
	if (text && *text)
		add(t, "Cookie", text);
	buffer_free(&value);
}

static void add_range(struct transfer *t)
{
	char text[64];

	if (t->options->range) {
		struct buffer value = { 0 };

		buffer_format(&value, "bytes=%s", t->options->range);
		add(t, "Range", buffer_text(&value));
		buffer_free(&value);
	}
	if (!t->continuing)
		return;
	snprintf(text, sizeof(text), "bytes=%" PRIu64 "-", t->offset);
	add(t, "Range", text);
	if (*t->held->etag)
		add(t, "If-Range", t->held->etag);
	else if (*t->held->last_modified)
		add(t, "If-Range", t->held->last_modified);
}

static bool read_etag(const struct transfer *t, char *out, size_t size)
{
	FILE *file = fopen(t->options->etag_file, "re");
	size_t length;

	if (!file)
		return false;
	length = fread(out, 1, size - 1, file);
	fclose(file);
	while (length > 0 && (out[length - 1] == '\n' || out[length - 1] == '\r'))
		length--;
	out[length] = '\0';
	return length > 0 && http_value_valid(out, length);
}

/* Only what is there can be current. */
static void add_conditions(struct transfer *t)
{
	char etag[VALIDATOR_TEXT_MAX], date[HTTP_DATE_MAX];
	int64_t modified;
	bool there = output_target_time(t->output, &modified);

	if (t->continuing || t->report.resumed > 0)
		return;
	if (t->options->etag_file && (there || !output_is_regular(t->output)) &&
	    read_etag(t, etag, sizeof(etag))) {
		add(t, "If-None-Match", etag);
		t->conditional = true;
	}
	if (t->options->newer && there) {
		add(t, "If-Modified-Since", http_date_text(date, modified));
		t->conditional = true;
	}
}

static void add_own(struct transfer *t)
{
	const struct get_options *o = t->options;

	if (!o->user_agent || *o->user_agent)
		add(t, "User-Agent", o->user_agent ? o->user_agent : "sockutil/" SOCKUTIL_VERSION);
	add(t, "Accept", "*/*");
	/* A range is one of the bytes as they are stored. */
	if (o->compressed && !t->continuing && !o->range)
		add(t, "Accept-Encoding", coding_accepted());
	if (o->referer)
		add(t, "Referer", o->referer);
	if (t->request.body && get_body_type(o->body))
		add(t, "Content-Type", get_body_type(o->body));
	add_authorization(t);
	add_proxy_authorization(t);
	add_cookies(t);
	add_range(t);
	add_conditions(t);
}

/* --- the request ------------------------------------------------------------ */

static const char *method_of(const struct transfer *t)
{
	const struct get_options *o = t->options;

	if (o->method)
		return o->method;
	if (o->body)
		return o->upload ? "PUT" : "POST";
	return o->show == GET_SHOW_HEAD ? "HEAD" : "GET";
}

static bool open_body(struct transfer *t, struct failure *why)
{
	const struct get_options *o = t->options;

	if (!o->body || t->drop_body)
		return true;
	t->body = get_body_open(o->body, why);
	if (!t->body)
		return false;
	t->request.body = t->body;
	t->request.body_length = get_body_length(o->body);
	t->request.expect_continue =
		!t->no_continue && !user_has(t, "Expect") &&
		(t->request.body_length < 0 || t->request.body_length > CONTINUE_ABOVE);
	return true;
}

void transfer_request_free(struct transfer *t)
{
	stream_free(t->body);
	t->body = NULL;
	while (t->owned_count > 0) {
		char *value = t->owned[--t->owned_count];

		memory_wipe(value, strlen(value));
		free(value);
	}
	free(t->headers);
	t->headers = NULL;
	t->header_count = 0;
}

bool transfer_request_make(struct transfer *t, struct failure *why)
{
	const struct get_options *o = t->options;

	transfer_request_free(t);
	t->conditional = false;
	if (!t->method)
		t->method = method_of(t);
	/* Only GET knows parts (RFC 9110, 14.2). */
	if (strcmp(t->method, "GET") != 0) {
		t->continuing = false;
		t->offset = t->report.resumed = 0;
	}
	t->request = (struct http_request){
		.method = t->method,
		.scheme = t->url.https ? "https" : "http",
		.authority = t->authority,
		.target = t->absolute ? t->absolute : t->url.target,
		.version_1_0 = o->version == HTTP_VERSION_1_0,
	};
	if (!open_body(t, why))
		return false;
	t->headers = memory_zeroed(o->header_count + TRANSFER_OWN_HEADERS, sizeof(*t->headers));
	add_own(t);
	add_users(t);
	t->request.headers = t->headers;
	t->request.header_count = t->header_count;
	return true;
}
