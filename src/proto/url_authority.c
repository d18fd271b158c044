/* SPDX-License-Identifier: MIT */
/* url_authority.c - user, password, host and port of a URL, read and written. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/number.h>
#include <sockutil/base/utf8.h>
#include <sockutil/proto/url.h>
#include <sockutil/proto/url_parts.h>

enum { PORT_HTTP = 80, PORT_HTTPS = 443, PORT_MOST = 65535 };

int url_default_port(const struct url *url)
{
	return url->https ? PORT_HTTPS : PORT_HTTP;
}

static bool has_control(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7f)
			return true;
	return false;
}

static bool set_secret(char *out, size_t size, const char *what, const char *text, size_t length,
		       struct failure *why)
{
	size_t decoded = 0;

	if (!url_decode(out, size - 1, &decoded, text, length, false)) {
		if (decoded > size - 1)
			return url_refuse(why, "the %s has more than %zu bytes", what, size - 1);
		return url_refuse(why,
				  "two hexadecimal digits belong behind a %% in the %s; "
				  "write %%25 for the sign itself",
				  what);
	}
	if (has_control(out, decoded))
		return url_refuse(why, "the %s has a control character", what);
	out[decoded] = '\0';
	return true;
}

/* "@host" names nobody. */
static bool set_userinfo(struct url *out, const char *text, size_t length, struct failure *why)
{
	const char *colon = memchr(text, ':', length);
	const size_t user = colon ? (size_t)(colon - text) : length;

	out->has_user = length > 0;
	out->has_password = colon != NULL;
	if (!set_secret(out->user, sizeof(out->user), "user", text, user, why))
		return false;
	return !colon || set_secret(out->password, sizeof(out->password), "password", colon + 1,
				    length - user - 1, why);
}

/* ":PORT", ":" or nothing. */
static bool set_port(struct url *out, const char *text, size_t length, struct failure *why)
{
	uint64_t port = 0;

	out->port = url_default_port(out);
	if (length <= 1)
		return true;
	if (!number_parse_bytes(text + 1, length - 1, PORT_MOST, &port) || port == 0)
		return url_refuse(why, "a port is a number from 1 to %d", PORT_MOST);
	out->port = (int)port;
	return true;
}

static bool set_bracketed(struct url *out, const char *text, size_t length, struct failure *why)
{
	const char *end = memchr(text, ']', length);
	size_t literal;

	if (!end)
		return url_refuse(why, "no closing bracket: [V6] or [V6]:PORT");
	literal = (size_t)(end - text) - 1;
	if (literal + 2 < length && end[1] != ':')
		return url_refuse(why, "behind the bracket comes a port: [V6]:PORT");
	return url_set_literal(out, text + 1, literal, why) &&
	       set_port(out, end + 1, length - literal - 2, why);
}

static bool set_host_and_port(struct url *out, const char *text, size_t length, struct failure *why)
{
	const char *colon = memchr(text, ':', length);
	const size_t host = colon ? (size_t)(colon - text) : length;

	if (length > 0 && *text == '[')
		return set_bracketed(out, text, length, why);
	if (colon && memchr(colon + 1, ':', length - host - 1))
		return url_refuse(why, "more than one colon; an IPv6 address is written [V6] or "
				       "[V6]:PORT");
	if (host == 0)
		return url_refuse(why, "no host: http://HOST/");
	return url_set_host(out, text, host, why) && set_port(out, text + host, length - host, why);
}

bool url_set_authority(struct url *out, const char *text, size_t length, struct failure *why)
{
	const char *at = memchr(text, '@', length);
	size_t userinfo = 0;

	if (at) {
		userinfo = (size_t)(at - text);
		if (memchr(at + 1, '@', length - userinfo - 1))
			return url_refuse(why, "more than one @ before the path; one in a user or "
					       "password is written %%40");
		if (!set_userinfo(out, text, userinfo, why))
			return false;
		userinfo++;
	}
	return set_host_and_port(out, text + userinfo, length - userinfo, why);
}

const char *url_authority(char out[static URL_AUTHORITY_MAX], const struct url *url,
			  const char *ascii_host)
{
	size_t host = strcspn(ascii_host, "%");
	const bool v6 = memchr(ascii_host, ':', host) != NULL;
	int length;

	if (host > 0 && ascii_host[host - 1] == '.')
		host--;
	if (host >= URL_HOST_MAX)
		host = URL_HOST_MAX - 1;
	length = snprintf(out, URL_AUTHORITY_MAX, v6 ? "[%.*s]" : "%.*s", (int)host, ascii_host);
	if (url->port != url_default_port(url))
		snprintf(out + length, URL_AUTHORITY_MAX - (size_t)length, ":%d", url->port);
	return out;
}

const char *url_text(char *out, size_t size, const struct url *url)
{
	char text[URL_TEXT_MAX], port[8] = "";
	const size_t host = strcspn(url->host, "%");
	const char *zone = url->host[host] ? url->host + host + 1 : "";
	size_t length;

	if (url->port != url_default_port(url))
		snprintf(port, sizeof(port), ":%d", url->port);
	snprintf(text, sizeof(text), "http%s://%s%.*s%s%s%s%s%s%s", url->https ? "s" : "",
		 url->bracketed ? "[" : "", (int)host, url->host, *zone ? "%25" : "", zone,
		 url->bracketed ? "]" : "", url->rooted ? "." : "", port, url->target);
	length = strlen(text);
	if (size > 0)
		snprintf(out, size, "%.*s", (int)utf8_cut(text, length, size - 1), text);
	return out;
}
