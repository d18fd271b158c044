/* SPDX-License-Identifier: MIT */
/* http_basic.c - Basic credentials, as a server takes and judges them. */
#include <string.h>
#include <strings.h>

#include <sockutil/base/base64.h>
#include <sockutil/base/memory.h>
#include <sockutil/proto/http_basic.h>

/* User, colon and password. */
enum { DECODED_MAX = 2 * HTTP_BASIC_MAX };

static bool printable(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const unsigned char c = (unsigned char)text[i];

		if (c < 0x20 || c == 0x7f)
			return false;
	}
	return true;
}

static bool split(struct http_basic *out, const char *text, size_t length)
{
	const char *colon = memchr(text, ':', length);
	const size_t user = colon ? (size_t)(colon - text) : 0;

	if (!colon || user >= sizeof out->user || length - user - 1 >= sizeof out->password ||
	    !printable(text, length))
		return false;
	memcpy(out->user, text, user);
	out->user[user] = '\0';
	memcpy(out->password, colon + 1, length - user - 1);
	out->password[length - user - 1] = '\0';
	return true;
}

bool http_basic_parse(struct http_basic *out, const char *value, size_t length)
{
	const size_t scheme = strlen("Basic ");
	char decoded[DECODED_MAX];
	size_t count = 0;
	bool good;

	if (length < scheme || strncasecmp(value, "Basic ", scheme))
		return false;
	for (value += scheme, length -= scheme; length && *value == ' '; length--)
		value++;
	good = base64_decode(decoded, sizeof decoded, &count, value, length) &&
	       split(out, decoded, count);
	memory_wipe(decoded, sizeof decoded);
	return good;
}

bool http_basic_of(struct http_basic *out, const struct http_head *head, const char *name)
{
	const struct http_field *field = http_head_find(head, name, NULL);

	return field && !http_head_find(head, name, field) &&
	       http_basic_parse(out, field->value, field->value_length);
}

/* Goes over all of the given text whatever it finds. */
static unsigned differs(const char *given, const char *expected)
{
	const size_t length = strlen(expected);
	unsigned difference = strlen(given) != length;

	for (size_t i = 0; given[i]; i++) {
		const char c = length ? expected[i % length] : '\0';

		difference |= (unsigned)(unsigned char)(given[i] ^ c);
	}
	return difference;
}

bool http_basic_match(const struct http_basic *given, const char *user, const char *password)
{
	const unsigned user_differs = differs(given->user, user);

	return !(user_differs | differs(given->password, password));
}
