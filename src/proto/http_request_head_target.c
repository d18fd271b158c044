/* SPDX-License-Identifier: MIT */
/* http_request_head_target.c - the forms of a request target, and the host and port in them. */
#include <string.h>

#include <sockutil/base/number.h>
#include <sockutil/proto/http_head_line.h>
#include <sockutil/proto/http_request_head_parts.h>

static bool letter(char c)
{
	const char lower = (char)(c | 0x20);

	return lower >= 'a' && lower <= 'z';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool hexadecimal(char c)
{
	const char lower = (char)(c | 0x20);

	return digit(c) || (lower >= 'a' && lower <= 'f');
}

/* RFC 3986, 3.2.2: reg-name and dotted quads. */
static bool name_valid(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const char c = text[i];

		if (c == '%') {
			if (length - i < 3 || !hexadecimal(text[i + 1]) ||
			    !hexadecimal(text[i + 2]))
				return false;
		} else if (!letter(c) && !digit(c) && (!c || !strchr("-._~!$&'()*+,;=", c))) {
			return false;
		}
	}
	return length > 0;
}

/* What stands in brackets: an IPv6 address; other literals (RFC 3986, IPvFuture) nobody has. */
static bool literal_valid(const char *text, size_t length)
{
	size_t colons = 0;

	for (size_t i = 0; i < length; i++) {
		if (!hexadecimal(text[i]) && text[i] != ':' && text[i] != '.')
			return false;
		colons += text[i] == ':';
	}
	return colons >= 2;
}

static bool port_valid(const char *text, size_t length, bool needed)
{
	uint64_t port;

	if (!length)
		return !needed;
	return number_parse_bytes(text, length, 65535, &port) && (port > 0 || !needed);
}

const char *http_request_head_last(const char *text, size_t length, char c)
{
	while (length--) {
		if (text[length] == c)
			return text + length;
	}
	return NULL;
}

bool http_authority_valid(const char *text, size_t length, bool port_needed)
{
	const char *colon = http_request_head_last(text, length, ':');
	const char *bracket = http_request_head_last(text, length, ']');
	size_t host;

	if (colon && bracket && bracket > colon)
		colon = NULL;
	host = colon ? (size_t)(colon - text) : length;
	if (colon ? !port_valid(colon + 1, length - host - 1, port_needed) : port_needed)
		return false;
	if (host && *text == '[')
		return host > 2 && text[host - 1] == ']' && literal_valid(text + 1, host - 2);
	return name_valid(text, host);
}

/* Bytes of "http" in "http://…"; 0: no absolute form. */
static size_t scheme_length(const char *target, size_t length)
{
	size_t i = 0;

	if (!letter(*target))
		return 0;
	while (i < length && (letter(target[i]) || digit(target[i]) || strchr("+-.", target[i])))
		i++;
	return length - i > strlen("://") && !memcmp(target + i, "://", strlen("://")) ? i : 0;
}

static bool absolute_valid(const char *target, size_t length)
{
	const size_t scheme = scheme_length(target, length);
	const char *authority = target + scheme + strlen("://"), *end = authority;

	if (!scheme)
		return false;
	while (end < target + length && *end != '/' && *end != '?')
		end++;
	return http_authority_valid(authority, (size_t)(end - authority), false);
}

static bool form_find(struct http_request_head *request)
{
	const char *target = request->target;
	const size_t length = request->target_length;

	if (http_request_is(request, "CONNECT")) {
		request->form = HTTP_TARGET_AUTHORITY;
		return http_authority_valid(target, length, true);
	}
	if (*target == '/') {
		request->form = HTTP_TARGET_ORIGIN;
		return true;
	}
	if (length == 1 && *target == '*') {
		request->form = HTTP_TARGET_ASTERISK;
		return http_request_is(request, "OPTIONS");
	}
	request->form = HTTP_TARGET_ABSOLUTE;
	return absolute_valid(target, length);
}

bool http_request_head_form(struct http_request_head *request, int *status, struct failure *why)
{
	char shown[HTTP_HEAD_SHOWN_MAX];
	const char *reason;

	if (memchr(request->target, '#', request->target_length))
		reason = "a fragment in the target";
	else if (!form_find(request))
		reason = "not a target of this method";
	else
		return true;
	*status = 400;
	fail(why, FAILURE_PROTOCOL, "\"%s\": %s",
	     http_head_shown(shown, request->target, request->target_length), reason);
	return false;
}
