/* SPDX-License-Identifier: MIT */
/* User names and passwords, read and compared. */
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/serve/login.h>

static bool has_control(const char *text, size_t length)
{
	for (size_t i = 0; i < length; ++i)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return true;
	return false;
}

bool login_parse(struct login *out, const char *text, size_t length, struct failure *why)
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

/* Every byte of every login is looked at, whatever was found before. */
static bool same(const void *a, const void *b, size_t length)
{
	const unsigned char *first = a, *second = b;
	volatile unsigned char differs = 0;

	for (size_t i = 0; i < length; ++i)
		differs = (unsigned char)(differs | (first[i] ^ second[i]));
	return differs == 0;
}

static bool is_known(const struct login_list *list, const struct login *given)
{
	volatile unsigned known = 0;

	for (size_t i = 0; i < list->count; ++i)
		known |= same(&list->items[i], given, sizeof(*given)) ? 1u : 0u;
	return known != 0;
}

bool login_valid(const struct login_list *list, const char *user, const char *password)
{
	struct login given = { { 0 }, { 0 } };
	const size_t user_length = strlen(user), password_length = strlen(password);
	bool valid;

	if (user_length >= sizeof(given.user) || password_length >= sizeof(given.password))
		return false;
	memcpy(given.user, user, user_length);
	memcpy(given.password, password, password_length);
	valid = is_known(list, &given);
	memory_wipe(&given, sizeof(given));
	return valid;
}

bool login_basic_of(const struct login_list *list, const struct http_head *head, const char *name)
{
	struct http_basic given;
	bool valid;

	if (list->count == 0)
		return true;
	if (!http_basic_of(&given, head, name))
		return false;
	valid = login_valid(list, given.user, given.password);
	memory_wipe(&given, sizeof(given));
	return valid;
}
