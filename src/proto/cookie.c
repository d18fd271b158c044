/* SPDX-License-Identifier: MIT */
/* cookie.c - one Set-Cookie field, and where a cookie belongs (RFC 6265, 5.1 and 5.2). */
#include <string.h>
#include <strings.h>

#include <sockutil/base/number.h>
#include <sockutil/proto/cookie.h>
#include <sockutil/proto/http_date.h>

/* A part of the field; not NUL-terminated. */
struct piece {
	const char *text;
	size_t length;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct piece trimmed(const char *text, size_t length)
{
	while (length > 0 && blank(*text)) {
		text++;
		length--;
	}
	while (length > 0 && blank(text[length - 1]))
		length--;
	return (struct piece){ text, length };
}

/* Up to the separator or the end, trimmed; *rest is what comes behind it. */
static struct piece cut(struct piece *rest, char separator)
{
	const char *end = rest->length ? memchr(rest->text, separator, rest->length) : NULL;
	const size_t length = end ? (size_t)(end - rest->text) : rest->length;
	const struct piece first = trimmed(rest->text, length);
	const size_t gone = length + (end != NULL);

	rest->text += gone;
	rest->length -= gone;
	return first;
}

static bool has_control(struct piece p, bool tab_is_one)
{
	for (size_t i = 0; i < p.length; i++) {
		const unsigned char c = (unsigned char)p.text[i];

		if ((c < 0x20 && (c != '\t' || tab_is_one)) || c == 0x7f)
			return true;
	}
	return false;
}

static bool same(struct piece p, const char *text)
{
	return strlen(text) == p.length && strncasecmp(p.text, text, p.length) == 0;
}

/* False when it does not fit. */
static bool copy(char *out, size_t size, struct piece p)
{
	if (p.length >= size)
		return false;
	memcpy(out, p.text, p.length);
	out[p.length] = '\0';
	return true;
}

/* --- attributes (5.2.1 to 5.2.6): false makes the whole field invalid ------------------------- */

struct parsing {
	struct cookie *cookie;
	int64_t now;
	bool has_max_age;
};

static bool take_expires(struct parsing *p, struct piece value)
{
	int64_t seconds;

	if (!p->has_max_age && http_date_parse_cookie(value.text, value.length, &seconds)) {
		p->cookie->persistent = true;
		p->cookie->expires = seconds;
	}
	return true;
}

static bool take_max_age(struct parsing *p, struct piece value)
{
	const bool negative = value.length > 0 && *value.text == '-';
	const char *digits = value.text + negative;
	const size_t length = value.length - negative;
	uint64_t seconds = INT64_MAX;

	/* 5.2.2: a lone "-" is a number too. */
	for (size_t i = 0; i < length; i++)
		if (digits[i] < '0' || digits[i] > '9')
			return true;
	if (value.length == 0)
		return true;
	number_parse_bytes(digits, length, INT64_MAX / 2, &seconds);
	p->has_max_age = true;
	p->cookie->persistent = true;
	if (negative || seconds == 0)
		p->cookie->expires = INT64_MIN;
	else if (seconds == INT64_MAX)
		p->cookie->expires = INT64_MAX;
	else
		p->cookie->expires = p->now + (int64_t)seconds;
	return true;
}

/* One that is too long fits no host: without it the cookie would be for this host instead. */
static bool take_domain(struct parsing *p, struct piece value)
{
	if (value.length > 0 && *value.text == '.') {
		value.text++;
		value.length--;
	}
	if (!copy(p->cookie->domain, sizeof(p->cookie->domain), value))
		return false;
	for (char *c = p->cookie->domain; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c |= 0x20;
	return true;
}

static bool take_path(struct parsing *p, struct piece value)
{
	if (value.length >= COOKIE_PATH_MAX)
		return true;
	if (value.length == 0 || *value.text != '/')
		value.length = 0;
	/* A tab would break the line of a cookie file; no request's path has one. */
	return !has_control(value, true) && copy(p->cookie->path, sizeof(p->cookie->path), value);
}

static bool take_secure(struct parsing *p, struct piece value)
{
	(void)value;
	p->cookie->secure = true;
	return true;
}

static bool take_http_only(struct parsing *p, struct piece value)
{
	(void)value;
	p->cookie->http_only = true;
	return true;
}

static const struct {
	const char *name;
	bool (*take)(struct parsing *p, struct piece value);
} attributes[] = {
	{ .name = "Expires", .take = take_expires }, { .name = "Max-Age", .take = take_max_age },
	{ .name = "Domain", .take = take_domain },   { .name = "Path", .take = take_path },
	{ .name = "Secure", .take = take_secure },   { .name = "HttpOnly", .take = take_http_only },
};

static bool take_attribute(struct parsing *p, struct piece value)
{
	const struct piece name = cut(&value, '=');

	value = trimmed(value.text, value.length);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (same(name, attributes[i].name))
			return attributes[i].take(p, value);
	return true;
}

/* --- the field -------------------------------------------------------------------------------- */

static bool take_pair(struct cookie *out, struct piece value)
{
	struct piece name;

	if (!value.length || !memchr(value.text, '=', value.length))
		return false;
	name = cut(&value, '=');
	value = trimmed(value.text, value.length);
	return name.length > 0 && name.length + value.length < COOKIE_TEXT_MAX &&
	       !has_control(name, true) && !has_control(value, true) &&
	       copy(out->name, sizeof(out->name), name) &&
	       copy(out->value, sizeof(out->value), value);
}

bool cookie_prefix_holds(const char *name, const char *path, bool secure, bool host_only)
{
	if (strncasecmp(name, "__Secure-", 9) == 0)
		return secure;
	if (strncasecmp(name, "__Host-", 7) == 0)
		return secure && host_only && strcmp(path, "/") == 0;
	return true;
}

bool cookie_parse(struct cookie *out, const char *value, size_t length, int64_t now)
{
	struct parsing p = { .cookie = out, .now = now };
	struct piece rest = { value, length };

	*out = (struct cookie){ 0 };
	if (has_control(rest, false) || !take_pair(out, cut(&rest, ';')))
		return false;
	while (rest.length > 0)
		if (!take_attribute(&p, cut(&rest, ';')))
			return false;
	return cookie_prefix_holds(out->name, out->path, out->secure, !*out->domain);
}

/* --- where it belongs (5.1.3, 5.1.4) ---------------------------------------------------------- */

/* IPv6 has colons; what ends in a number is no name, for the parser of URLs too. */
bool cookie_host_is_address(const char *host)
{
	const char *dot = strrchr(host, '.');
	const char *last = dot ? dot + 1 : host;

	return strchr(host, ':') || last[strspn(last, "0123456789")] == '\0';
}

bool cookie_domain_match(const char *host, const char *domain)
{
	const size_t host_length = strlen(host), length = strlen(domain);
	const char *tail;

	if (length == 0 || length > host_length)
		return false;
	tail = host + (host_length - length);
	if (memcmp(tail, domain, length) != 0)
		return false;
	return tail == host || (tail[-1] == '.' && !cookie_host_is_address(host));
}

bool cookie_path_match(const char *path, size_t path_length, const char *cookie_path)
{
	const size_t length = strlen(cookie_path);

	if (length == 0 || length > path_length || memcmp(path, cookie_path, length) != 0)
		return false;
	return length == path_length || cookie_path[length - 1] == '/' || path[length] == '/';
}

void cookie_default_path(char out[static COOKIE_PATH_MAX], const char *path, size_t path_length)
{
	size_t length = 1;

	/* Up to the last slash, without it; where that is too long, to one that fits. */
	for (size_t i = 1; i < path_length && i < COOKIE_PATH_MAX; i++)
		if (path[i] == '/')
			length = i;
	if (path_length == 0 || *path != '/')
		length = 1;
	memcpy(out, length > 1 ? path : "/", length);
	out[length] = '\0';
}
