/* SPDX-License-Identifier: MIT */
/* src/proto/proxy_url.c - a proxy's URL in its pieces. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/memory.h>
#include <sockutil/proto/proxy_url.h>
#include <sockutil/proto/url_parts.h>

enum { PORT_PROXY = 1080, PORT_HTTPS_PROXY = 443, SCHEMES = 6 };

static const char *const schemes[SCHEMES] = {
	[PROXY_HTTP] = "http",       [PROXY_HTTPS] = "https",   [PROXY_SOCKS4] = "socks4",
	[PROXY_SOCKS4A] = "socks4a", [PROXY_SOCKS5] = "socks5", [PROXY_SOCKS5H] = "socks5h",
};

const char *proxy_url_scheme(enum proxy_kind kind)
{
	return schemes[kind];
}

/* Puts the text without what stands before its last '@' in front of the reason. */
static bool refuse(struct failure *why, const char *text, const char *reason)
{
	const char *at = strrchr(text, '@');

	/* why->text may be the reason itself. */
	char copy[sizeof(why->text)];

	snprintf(copy, sizeof(copy), "%s", reason);
	fail(why, FAILURE_USAGE, "proxy \"%s%.200s\": %s", at ? "..." : "", at ? at : text, copy);
	return false;
}

/* Moves *rest behind the scheme. */
static bool take_scheme(enum proxy_kind *kind, const char **rest)
{
	const char *colon = strstr(*rest, "://");
	const size_t length = colon ? (size_t)(colon - *rest) : 0;

	*kind = PROXY_HTTP;
	if (!colon || memchr(*rest, '@', length) || memchr(*rest, '/', length))
		return true;
	for (int i = 0; i < SCHEMES; i++) {
		if (strlen(schemes[i]) != length || strncasecmp(*rest, schemes[i], length) != 0)
			continue;
		*kind = (enum proxy_kind)i;
		*rest = colon + 3;
		return true;
	}
	return false;
}

/* A URL's parser has a default port of its own. */
static bool has_port(const char *authority, size_t length)
{
	const char *at = memchr(authority, '@', length);
	const char *end = authority + length;
	const char *host = at ? at + 1 : authority;
	const char *bracket = memchr(host, ']', (size_t)(end - host));
	const char *colon;

	if (bracket)
		host = bracket;
	colon = memchr(host, ':', (size_t)(end - host));
	return colon && colon + 1 < end;
}

static bool has_odd_byte(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f || *text == '\\')
			return true;
	return false;
}

static void take_url(struct proxy_url *out, const struct url *url, bool port_given)
{
	memcpy(out->host, url->host, sizeof(out->host));
	memcpy(out->user, url->user, sizeof(out->user));
	memcpy(out->password, url->password, sizeof(out->password));
	out->has_user = url->has_user;
	out->has_password = url->has_password;
	out->port = port_given                 ? url->port
		    : out->kind == PROXY_HTTPS ? PORT_HTTPS_PROXY
					       : PORT_PROXY;
}

bool proxy_url_parse(struct proxy_url *out, const char *text, struct failure *why)
{
	struct url url = { .port = 0 };
	const char *rest = text;
	size_t length;
	bool ok;

	*out = (struct proxy_url){ .port = 0 };
	if (has_odd_byte(text))
		return refuse(why, text, "a blank, control character or backslash has no place");
	if (!take_scheme(&out->kind, &rest))
		return refuse(why, text,
			      "a proxy speaks http, https, socks4, socks4a, socks5 or socks5h");
	length = strcspn(rest, "/?#");
	if (rest[length] && strcmp(rest + length, "/") != 0)
		return refuse(why, text, "nothing stands behind a proxy's port");
	ok = url_set_authority(&url, rest, length, why);
	if (ok)
		take_url(out, &url, has_port(rest, length));
	memory_wipe(url.password, sizeof(url.password));
	return ok || refuse(why, text, why->text);
}
