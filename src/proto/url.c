/* SPDX-License-Identifier: MIT */
/* url.c - http and https URLs and references to them: schemes, resolving, origins. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/utf8.h>
#include <sockutil/proto/url.h>
#include <sockutil/proto/url_parts.h>

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Schemes that people write without two slashes. Only this list tells "file:/x" from a host with an
 * empty port, and "mailto:a@b" from a user with a password. */
static const char *const schemes_without_slashes[] = {
	"about",  "blob", "data", "file", "ftp", "gopher", "javascript", "ldap", "magnet",
	"mailto", "news", "sip",  "sips", "sms", "tel",    "unix",       "urn",  "view-source",
};

bool url_refuse(struct failure *why, const char *format, ...)
{
	char reason[sizeof(why->text)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	fail(why, FAILURE_URL, "%s", reason);
	return false;
}

static bool is_one_of(char byte, const char *set)
{
	return byte && strchr(set, byte);
}

/* Bytes before the first one of set, or all. */
static size_t until(const char *text, size_t length, const char *set)
{
	size_t n = 0;

	while (n < length && !is_one_of(text[n], set))
		n++;
	return n;
}

static bool has_slashes(const char *text, size_t length)
{
	return length >= 2 && memcmp(text, "//", 2) == 0;
}

/* Where the authority starts, as far as malformed text has one. */
static size_t authority_start(const char *text, size_t length)
{
	const size_t slash = until(text, length, "/?#");

	if (!has_slashes(text + slash, length - slash))
		return 0;
	return slash == 0 || text[slash - 1] == ':' ? slash + 2 : 0;
}

/* Bytes that are user and password or could be meant so: a slash in a password ends the authority
 * for everybody, and what stands before it is no port then. */
static size_t secret_length(const char *text, size_t length)
{
	const size_t authority = until(text, length, "/?#");
	const size_t colon = until(text, authority, ":");
	size_t secret = 0, end = authority;

	if (colon + 1 < authority && *text != '[' && !is_one_of(text[colon + 1], DIGITS))
		end = length;
	for (size_t i = 0; i < end; i++)
		if (text[i] == '@')
			secret = i;
	return secret;
}

/* Puts the text in front of the reason, without a password, cut so that the reason stays whole. */
static bool refuse_text(const char *text, size_t length, struct failure *why)
{
	enum { SHOWN = 200 };
	const size_t start = authority_start(text, length);
	const size_t secret = secret_length(text + start, length - start);
	const char *rest = text + start + secret;
	const size_t rest_length = length - start - secret;
	const size_t head = utf8_cut(text, start, SHOWN / 2);
	const size_t shown = utf8_cut(rest, rest_length, SHOWN);

	fail(why, FAILURE_URL, "\"%.*s%s%.*s%s\": %s", (int)head, text, secret ? "***" : "",
	     (int)shown, rest, shown < rest_length ? "..." : "", why->text);
	return false;
}

static bool check_bytes(const char *text, size_t length, struct failure *why)
{
	for (size_t i = 0; i < length; i++) {
		const unsigned char byte = (unsigned char)text[i];

		if (byte == ' ')
			return url_refuse(why, "a space is not allowed in a URL; write %%20");
		if (byte == '\\')
			return url_refuse(why, "the byte \\x5c (a backslash) is not allowed in a "
					       "URL; write / or %%5C");
		if (byte < ' ' || byte == 0x7f)
			return url_refuse(why, "the byte \\x%02x is not allowed in a URL", byte);
	}
	return true;
}

/* Bytes of the word before a colon that looks like a scheme (RFC 3986, 3.1); 0: none. */
static size_t scheme_length(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && is_one_of(text[n], n ? LETTERS DIGITS "+-." : LETTERS))
		n++;
	return n < length && text[n] == ':' ? n : 0;
}

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static bool is_fetched(const char *scheme, size_t length)
{
	return is_word(scheme, length, "http") || is_word(scheme, length, "https");
}

static bool is_known_elsewhere(const char *scheme, size_t length)
{
	const size_t count = sizeof(schemes_without_slashes) / sizeof(schemes_without_slashes[0]);

	for (size_t i = 0; i < count; i++)
		if (is_word(scheme, length, schemes_without_slashes[i]))
			return true;
	return false;
}

static bool starts_with_port(const char *text, size_t length)
{
	size_t digits = 0;

	while (digits < length && is_one_of(text[digits], DIGITS))
		digits++;
	return digits > 0 && digits == until(text, length, "/?#");
}

/* Bytes of the scheme that a user meant, who may as well have written a host with a port or a user
 * with a password; 0: none. */
static size_t meant_scheme(const char *text, size_t length)
{
	const size_t scheme = scheme_length(text, length);
	const char *rest = text + scheme + 1;
	const size_t rest_length = scheme ? length - scheme - 1 : 0;

	if (!scheme || has_slashes(rest, rest_length) || is_fetched(text, scheme))
		return scheme;
	if (starts_with_port(rest, rest_length) || !is_known_elsewhere(text, scheme))
		return 0;
	return scheme;
}

/* text goes on with ':' behind the scheme. */
static bool set_scheme(struct url *out, const char *text, size_t scheme, size_t length,
		       struct failure *why)
{
	enum { SHOWN = 32 };

	if (!is_fetched(text, scheme))
		return url_refuse(why, "only http and https are fetched, not %.*s",
				  (int)(scheme < SHOWN ? scheme : SHOWN), text);
	if (!has_slashes(text + scheme + 1, length - scheme - 1))
		return url_refuse(why, "two slashes belong behind the scheme: %.*s://HOST/",
				  (int)scheme, text);
	out->https = is_word(text, scheme, "https");
	out->scheme_given = true;
	return true;
}

/* What stands behind "scheme://" or "//", or in their place. */
static bool set_rest(struct url *out, const char *text, size_t length, struct failure *why)
{
	const size_t authority = until(text, length, "/?#");

	return url_set_authority(out, text, authority, why) &&
	       url_set_target(out, NULL, text + authority, length - authority, why);
}

/* scheme: its bytes at the start of text, 0: none is there and out has one. */
static bool set_all(struct url *out, const char *text, size_t scheme, size_t length,
		    struct failure *why)
{
	size_t at = 0;

	if (scheme) {
		if (!set_scheme(out, text, scheme, length, why))
			return false;
		at = scheme + 1;
	}
	if (has_slashes(text + at, length - at))
		at += 2;
	return set_rest(out, text + at, length - at, why);
}

bool url_parse(struct url *out, const char *text, struct failure *why)
{
	const size_t length = strlen(text);

	memset(out, 0, sizeof(*out));
	return (check_bytes(text, length, why) &&
		set_all(out, text, meant_scheme(text, length), length, why)) ||
	       refuse_text(text, length, why);
}

/* RFC 3986, 5.2.2, strict: a scheme is a scheme even when it is the base's. */
static bool resolve(struct url *out, const struct url *base, const char *text, size_t length,
		    struct failure *why)
{
	const size_t scheme = scheme_length(text, length);

	out->https = base->https;
	out->scheme_given = true;
	if (scheme || has_slashes(text, length))
		return set_all(out, text, scheme, length, why);
	memcpy(out->host, base->host, sizeof(out->host));
	out->rooted = base->rooted;
	out->bracketed = base->bracketed;
	out->port = base->port;
	return url_set_target(out, base, text, length, why);
}

bool url_resolve(struct url *out, const struct url *base, const char *reference, size_t length,
		 struct failure *why)
{
	memset(out, 0, sizeof(*out));
	return (check_bytes(reference, length, why) &&
		resolve(out, base, reference, length, why)) ||
	       refuse_text(reference, length, why);
}

bool url_same_origin(const struct url *a, const struct url *b)
{
	return a->https == b->https && a->port == b->port && a->rooted == b->rooted &&
	       strcmp(a->host, b->host) == 0;
}
