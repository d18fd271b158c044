/* SPDX-License-Identifier: MIT */
/* http_auth_challenge.c - the strongest challenge of a head (RFC 9110, 11.6.1). A list of
 * challenges, each with a list of parameters, in one syntax: a scheme is told from a parameter by
 * the '=' that does not follow it. */
#include <string.h>
#include <strings.h>

#include <sockutil/proto/http_auth.h>

/* A challenge while its parameters come. */
struct candidate {
	struct http_challenge challenge;
	unsigned seen;  /* a bit a row of parameters[] */
	bool qop_other; /* qop offers something else than auth */
	bool malformed;
};

/* Each takes a value and returns false when the challenge cannot be answered with it. */
typedef bool parameter_function(struct candidate *c, const char *value);

static bool same(const char *text, size_t length, const char *other)
{
	return strlen(other) == length && strncasecmp(text, other, length) == 0;
}

static bool take_realm(struct candidate *c, const char *value)
{
	memcpy(c->challenge.realm, value, strlen(value) + 1);
	return true;
}

static bool take_nonce(struct candidate *c, const char *value)
{
	memcpy(c->challenge.nonce, value, strlen(value) + 1);
	return true;
}

static bool take_opaque(struct candidate *c, const char *value)
{
	memcpy(c->challenge.opaque, value, strlen(value) + 1);
	return true;
}

static bool take_algorithm(struct candidate *c, const char *value)
{
	static const char *const known[] = { "MD5", "SHA-256" };
	static const char session[] = "-sess";

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const size_t length = strlen(known[i]);

		if (strncasecmp(value, known[i], length) != 0)
			continue;
		c->challenge.algorithm = known[i];
		c->challenge.algorithm_given = true;
		c->challenge.session = value[length] != '\0';
		return !c->challenge.session || strcasecmp(value + length, session) == 0;
	}
	return false;
}

static bool take_qop(struct candidate *c, const char *value)
{
	const char *element;
	size_t cursor = 0, length;

	while (http_list_next(value, strlen(value), &cursor, &element, &length)) {
		if (same(element, length, "auth"))
			c->challenge.qop_auth = true;
		else
			c->qop_other = true;
	}
	return true;
}

static bool take_userhash(struct candidate *c, const char *value)
{
	c->challenge.userhash = strcasecmp(value, "true") == 0;
	return true;
}

static bool take_stale(struct candidate *c, const char *value)
{
	c->challenge.stale = strcasecmp(value, "true") == 0;
	return true;
}

static bool take_charset(struct candidate *c, const char *value)
{
	c->challenge.utf8 = strcasecmp(value, "UTF-8") == 0;
	return true;
}

enum { REALM, NONCE, OPAQUE, ALGORITHM, QOP, USERHASH, STALE, CHARSET, PARAMETERS };

static const struct {
	const char *name;
	bool of_digest; /* Basic has none of that name */
	parameter_function *take;
} parameters[PARAMETERS] = {
	[REALM] = { .name = "realm", .take = take_realm },
	[NONCE] = { .name = "nonce", .of_digest = true, .take = take_nonce },
	[OPAQUE] = { .name = "opaque", .of_digest = true, .take = take_opaque },
	[ALGORITHM] = { .name = "algorithm", .of_digest = true, .take = take_algorithm },
	[QOP] = { .name = "qop", .of_digest = true, .take = take_qop },
	[USERHASH] = { .name = "userhash", .of_digest = true, .take = take_userhash },
	[STALE] = { .name = "stale", .of_digest = true, .take = take_stale },
	[CHARSET] = { .name = "charset", .take = take_charset },
};

static bool has_seen(const struct candidate *c, unsigned which)
{
	return (c->seen & 1U << which) != 0;
}

/* --- one element of the list ------------------------------------------------------------------ */

static size_t token_length(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && http_token_valid(text + n, 1))
		n++;
	return n;
}

static size_t blanks(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && (text[n] == ' ' || text[n] == '\t'))
		n++;
	return n;
}

/* A quoted string with all of length bytes, its escapes resolved. */
static bool unquote(char out[static HTTP_AUTH_TEXT_MAX], const char *text, size_t length)
{
	size_t kept = 0, i = 1;

	for (; i < length && text[i] != '"'; i++) {
		if (text[i] == '\\')
			i++;
		if (i == length || kept == HTTP_AUTH_TEXT_MAX - 1 ||
		    ((unsigned char)text[i] < ' ' && text[i] != '\t') || text[i] == 0x7f)
			return false;
		out[kept++] = text[i];
	}
	out[kept] = '\0';
	return i + 1 == length;
}

/* A token or a quoted string. */
static bool read_value(char out[static HTTP_AUTH_TEXT_MAX], const char *text, size_t length)
{
	if (length > 0 && *text == '"')
		return unquote(out, text, length);
	if (length >= HTTP_AUTH_TEXT_MAX || !http_token_valid(text, length))
		return false;
	memcpy(out, text, length);
	out[length] = '\0';
	return true;
}

/* False when the challenge cannot be answered because of it. Unknown ones do not matter. */
static bool take_parameter(struct candidate *c, const char *name, size_t name_length,
			   const char *text, size_t length)
{
	char value[HTTP_AUTH_TEXT_MAX];
	unsigned which = 0;

	while (which < PARAMETERS && !same(name, name_length, parameters[which].name))
		which++;
	if (which == PARAMETERS ||
	    (parameters[which].of_digest && c->challenge.scheme != HTTP_AUTH_DIGEST))
		return true;
	if (has_seen(c, which) || !read_value(value, text, length))
		return false;
	c->seen |= 1U << which;
	return parameters[which].take(c, value);
}

static void start(struct candidate *c, const char *scheme, size_t length)
{
	*c = (struct candidate){ 0 };
	if (same(scheme, length, "Basic"))
		c->challenge.scheme = HTTP_AUTH_BASIC;
	else if (same(scheme, length, "Digest"))
		c->challenge.scheme = HTTP_AUTH_DIGEST;
	if (c->challenge.scheme == HTTP_AUTH_DIGEST)
		c->challenge.algorithm = "MD5";
}

/* --- choosing --------------------------------------------------------------------------------- */

static bool answerable(const struct candidate *c)
{
	const struct http_challenge *challenge = &c->challenge;

	if (challenge->scheme != HTTP_AUTH_DIGEST)
		return challenge->scheme == HTTP_AUTH_BASIC;
	return !c->malformed && has_seen(c, REALM) && has_seen(c, NONCE) &&
	       (challenge->qop_auth || (!c->qop_other && !challenge->session));
}

static int strength(const struct http_challenge *challenge)
{
	switch (challenge->scheme) {
	case HTTP_AUTH_NONE:
		return 0;
	case HTTP_AUTH_BASIC:
		return 1;
	case HTTP_AUTH_DIGEST:
		break;
	}
	return strcmp(challenge->algorithm, "MD5") == 0 ? 2 : 3;
}

static void judge(struct http_challenge *best, const struct candidate *c)
{
	if (answerable(c) && strength(&c->challenge) > strength(best))
		*best = c->challenge;
}

/* Part of the challenge at hand, or the start of the next one. */
static void take_element(struct http_challenge *best, struct candidate *c, const char *element,
			 size_t length)
{
	size_t name = token_length(element, length);
	size_t at = name + blanks(element + name, length - name);

	if (name > 0 && (at == length || (at > name && element[at] != '='))) {
		judge(best, c);
		start(c, element, name);
		if (at == length)
			return;
		element += at;
		length -= at;
		name = token_length(element, length);
		at = name + blanks(element + name, length - name);
	}
	if (name == 0 || at == length || element[at] != '=') {
		c->malformed = true;
		return;
	}
	at++;
	at += blanks(element + at, length - at);
	if (!take_parameter(c, element, name, element + at, length - at))
		c->malformed = true;
}

void http_challenge_choose(struct http_challenge *out, const struct http_head *head,
			   const char *name)
{
	const struct http_field *field = NULL;

	*out = (struct http_challenge){ 0 };
	while ((field = http_head_find(head, name, field))) {
		struct candidate c = { 0 };
		const char *element;
		size_t cursor = 0, length;

		while (http_list_next(field->value, field->value_length, &cursor, &element,
				      &length))
			take_element(out, &c, element, length);
		judge(out, &c);
	}
}
