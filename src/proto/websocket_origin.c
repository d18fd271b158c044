/* SPDX-License-Identifier: MIT */
/* websocket_origin.c - which web pages may open a WebSocket. */
#include <string.h>
#include <strings.h>

#include <sockutil/base/number.h>
#include <sockutil/proto/websocket_origin.h>

struct text {
	const char *bytes;
	size_t length;
};

/* "scheme://host:port", each part but the host may be missing. */
struct origin {
	struct text scheme, host;
	unsigned port; /* 0: none */
};

static bool same(struct text a, struct text b)
{
	return a.length == b.length && strncasecmp(a.bytes, b.bytes, a.length) == 0;
}

static bool is(struct text a, const char *b)
{
	return same(a, (struct text){ b, strlen(b) });
}

static bool host_character(char c)
{
	const char lower = (char)(c | 0x20);

	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_';
}

/* Where the host ends: behind its bracket, or in front of the colon. 0: none. */
static size_t host_length(const char *bytes, size_t length)
{
	size_t i = 0;

	if (length > 0 && bytes[0] == '[') {
		for (i = 1; i < length && bytes[i] != ']'; i++)
			if (bytes[i] != ':' && !host_character(bytes[i]))
				return 0;
		return i < length && i > 1 ? i + 1 : 0;
	}
	while (i < length && host_character(bytes[i]))
		i++;
	return i;
}

static bool split_authority(struct origin *out, const char *bytes, size_t length)
{
	const size_t host = host_length(bytes, length);
	uint64_t port = 0;

	out->host = (struct text){ bytes, host };
	out->port = 0;
	if (host == 0 || host == length)
		return host > 0;
	if (bytes[host] != ':' ||
	    !number_parse_bytes(bytes + host + 1, length - host - 1, 65535, &port) || port == 0)
		return false;
	out->port = (unsigned)port;
	return true;
}

static bool split(struct origin *out, struct text t)
{
	const char *slashes = t.length > 3 ? memmem(t.bytes, t.length, "://", 3) : NULL;
	const char *authority = slashes ? slashes + 3 : t.bytes;

	out->scheme = (struct text){ t.bytes, slashes ? (size_t)(slashes - t.bytes) : 0 };
	if (slashes && !http_token_valid(t.bytes, out->scheme.length))
		return false;
	return split_authority(out, authority, t.length - (size_t)(authority - t.bytes));
}

/* What a missing port means where a page of that scheme says so. */
static unsigned port_of(const struct origin *o, struct text scheme)
{
	if (o->port)
		return o->port;
	return is(scheme, "https") || is(scheme, "wss") ? 443 : 80;
}

/* ------ the list ------ */

static bool element_matches(struct text element, struct text given, const struct origin *origin,
			    bool known)
{
	struct origin allowed;

	if (is(element, "*") || same(element, given))
		return true;
	if (!known || !split(&allowed, element) || !same(allowed.host, origin->host))
		return false;
	if (allowed.scheme.length == 0)
		return allowed.port == 0 || allowed.port == port_of(origin, origin->scheme);
	return same(allowed.scheme, origin->scheme) &&
	       port_of(&allowed, allowed.scheme) == port_of(origin, origin->scheme);
}

static bool list_allows(const char *list, struct text given, const struct origin *origin,
			bool known)
{
	struct text element;
	size_t cursor = 0;

	while (list && http_list_next(list, strlen(list), &cursor, &element.bytes, &element.length))
		if (element_matches(element, given, origin, known))
			return true;
	return false;
}

bool websocket_origins_check(const char *list, struct failure *why)
{
	struct text element;
	size_t cursor = 0, count = 0;
	struct origin ignored;

	while (http_list_next(list, strlen(list), &cursor, &element.bytes, &element.length)) {
		count++;
		if (is(element, "*") || is(element, "null") || split(&ignored, element))
			continue;
		fail(why, FAILURE_USAGE, "%.*s: not an origin; write it as https://example.org",
		     element.length < 200 ? (int)element.length : 200, element.bytes);
		return false;
	}
	if (count > 0)
		return true;
	fail(why, FAILURE_USAGE, "a list of origins names at least one; * allows all");
	return false;
}

/* ------ the request's own ------ */

/* A name that nobody else can have resolved to this machine: an address, or localhost. */
static bool is_local_name(struct text host)
{
	static const char suffix[] = ".localhost";
	const size_t tail = sizeof(suffix) - 1;

	if (host.bytes[0] == '[' || is(host, "localhost"))
		return true;
	if (host.length > tail &&
	    is((struct text){ host.bytes + host.length - tail, tail }, suffix))
		return true;
	for (size_t i = 0; i < host.length; i++)
		if (host.bytes[i] != '.' && (host.bytes[i] < '0' || host.bytes[i] > '9'))
			return false;
	return true;
}

static bool is_own(const struct http_head *head, const struct origin *origin, bool local)
{
	const struct http_field *field = http_head_find(head, "Host", NULL);
	struct origin host = { 0 };

	return field && split_authority(&host, field->value, field->value_length) &&
	       same(host.host, origin->host) &&
	       port_of(&host, origin->scheme) == port_of(origin, origin->scheme) &&
	       (!local || is_local_name(host.host));
}

bool websocket_origin_allowed(const struct http_head *head, const char *list, bool local)
{
	const struct http_field *field = http_head_find(head, "Origin", NULL);
	struct origin origin = { 0 };
	struct text given;
	bool known;

	if (!field)
		return true;
	if (http_head_find(head, "Origin", field))
		return false;
	given = (struct text){ field->value, field->value_length };
	known = split(&origin, given) && origin.scheme.length > 0;
	return list_allows(list, given, &origin, known) || (known && is_own(head, &origin, local));
}
