/* SPDX-License-Identifier: MIT */
/* Who may use the gateway. */
#include <string.h>

#include <sockutil/base/base64.h>
#include <sockutil/base/memory.h>
#include <sockutil/serve/gateway_parts.h>

static bool has_control(const char *text, size_t length)
{
	for (size_t i = 0; i < length; ++i)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return true;
	return false;
}

bool gateway_login_parse(struct gateway_login *out, const char *text, size_t length,
			 struct failure *why)
{
	const char *colon = memchr(text, ':', length);
	const size_t user = colon ? (size_t)(colon - text) : 0;
	const size_t password = colon ? length - user - 1 : 0;

	memset(out, 0, sizeof(*out));
	if (!colon)
		fail(why, FAILURE_USAGE, "not of the form USER:PASSWORD");
	else if (user == 0 || password == 0)
		fail(why, FAILURE_USAGE, "user and password must not be empty");
	else if (user >= sizeof(out->user) || password >= sizeof(out->password))
		fail(why, FAILURE_USAGE, "user and password have at most 255 bytes each");
	else if (has_control(text, length))
		fail(why, FAILURE_USAGE, "control characters have no place in user and password");
	else {
		memcpy(out->user, text, user);
		memcpy(out->password, colon + 1, password);
		return true;
	}
	return false;
}

bool gateway_login_needed(const struct gateway_data *data)
{
	return data->options->login_count > 0;
}

/* Every byte of every login is looked at, whatever was found before. */
static bool same(const void *a, const void *b, size_t length)
{
	const unsigned char *first = a, *second = b;
	volatile unsigned char differs = 0;

	for (size_t i = 0; i < length; ++i)
		differs = (unsigned char)(differs | (first[i] ^ second[i]));
	return differs == 0;
}

static bool login_known(const struct gateway_data *data, const struct gateway_login *given)
{
	volatile unsigned known = 0;

	for (size_t i = 0; i < data->options->login_count; ++i)
		known |= same(&data->options->logins[i], given, sizeof(*given)) ? 1u : 0u;
	return known != 0;
}

bool gateway_login_valid(const struct gateway_data *data, const char *user, const char *password)
{
	struct gateway_login given = { 0 };
	const size_t user_length = strlen(user), password_length = strlen(password);
	bool valid;

	if (user_length >= sizeof(given.user) || password_length >= sizeof(given.password))
		return false;
	memcpy(given.user, user, user_length);
	memcpy(given.password, password, password_length);
	valid = login_known(data, &given);
	memory_wipe(&given, sizeof(given));
	return valid;
}

/* ------ Basic ------ */

enum { BASIC_MAX = (2 * SOCKS_NAME_MAX + 2) / 3 * 4 };

static int sextet(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* out has room for length / 4 * 3 bytes. False: not Base64 with its padding. */
static bool decode(const char *text, size_t length, char *out, size_t *out_length)
{
	size_t padding = 0, bits = 0;
	unsigned held = 0;

	*out_length = 0;
	while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
		++padding;
	if (length == 0 || length % 4 != 0)
		return false;
	for (size_t i = 0; i < length - padding; ++i) {
		const int value = sextet(text[i]);

		if (value < 0)
			return false;
		held = (held << 6 | (unsigned)value) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[(*out_length)++] = (char)(unsigned char)(held >> bits);
		}
	}
	return true;
}

bool gateway_login_basic(const struct gateway_data *data, const char *value, size_t length)
{
	static const char scheme[] = "basic ";
	const size_t front = sizeof(scheme) - 1;
	char plain[BASIC_MAX];
	struct gateway_login given;
	struct failure why;
	bool valid = false;

	if (length <= front || strncasecmp(value, scheme, front) != 0)
		return false;
	value += front;
	length -= front;
	while (length > 0 && *value == ' ') {
		++value;
		--length;
	}
	if (length <= BASIC_MAX && decode(value, length, plain, &length) &&
	    gateway_login_parse(&given, plain, length, &why))
		valid = login_known(data, &given);
	memory_wipe(plain, sizeof(plain));
	memory_wipe(&given, sizeof(given));
	return valid;
}
