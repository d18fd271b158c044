/* SPDX-License-Identifier: MIT */
/* src/chat/nick.c - names: which may be had, and which look alike; of ASCII ones, all of it. */
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/chat/clean.h>
#include <sockutil/chat/nick_icu.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
	return is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool is_usual(char c)
{
	return is_letter(c) || is_digit(c) || c == '-' || c == '_';
}

static bool is_ascii(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (name[i] & 0x80)
			return false;
	return true;
}

/* --- which may be had --------------------------------------------------------------------------*/

/* What is seen of a character in a sentence: a blank would not be, and a mark would sit on the one
 * in front of it. NULL when memory is short. */
static const char *seen(struct buffer *text, const char *bytes, size_t length)
{
	uint32_t point = 0;
	const size_t count = utf8_decode(bytes, length, &point);

	if (point == ' ' || point == '\t')
		return "a blank";
	if (point >= 0x80 && !utf8_width(bytes, count))
		return buffer_format(text, "\\u{%x}", (unsigned)point) ? buffer_text(text) : NULL;
	return chat_clean(text, bytes, count ? count : 1) ? buffer_text(text) : NULL;
}

bool chat_nick_refuse(const char *bytes, size_t length, struct failure *why)
{
	struct buffer text = { 0 };
	const char *shown = seen(&text, bytes, length);

	fail(why, FAILURE_USAGE, "a name has letters, digits, - and _; not %s",
	     shown ? shown : "others");
	buffer_free(&text);
	return false;
}

/* What can be said of each character without a database. */
static bool check_characters(const char *name, size_t length, struct failure *why)
{
	for (size_t at = 0, count; at < length; at += count) {
		const char c = name[at];

		count = utf8_decode(name + at, length - at, NULL);
		if (!count || (count == 1 && !is_usual(c)))
			return chat_nick_refuse(name + at, length - at, why);
	}
	return true;
}

static bool check_length(const char *name, size_t length, struct failure *why)
{
	if (!length)
		fail(why, FAILURE_USAGE, "a name has at least one letter or digit");
	else if (length > (is_ascii(name, length) ? (size_t)CHAT_NICK_CHARACTERS
						  : (size_t)CHAT_NICK_RAW_MAX))
		fail(why, FAILURE_USAGE, "a name has at most %d characters", CHAT_NICK_CHARACTERS);
	else
		return true;
	return false;
}

static bool normalise(const char *name, size_t length, char out[static CHAT_NICK_MAX],
		      struct failure *why)
{
	if (!is_ascii(name, length))
		return chat_nick_icu_normalise(name, length, out, why) &&
		       check_characters(out, strlen(out), why);
	memcpy(out, name, length);
	out[length] = '\0';
	return true;
}

/* A name of nothing else is a line, or on the wire a field that is empty. */
static bool check_substance(const char *name, struct failure *why)
{
	if (name[strspn(name, "-_")])
		return true;
	fail(why, FAILURE_USAGE, "a name has at least one letter or digit");
	return false;
}

bool chat_nick_check(const char *name, size_t length, char out[static CHAT_NICK_MAX],
		     struct failure *why)
{
	return check_length(name, length, why) && check_characters(name, length, why) &&
	       normalise(name, length, out, why) && check_substance(out, why) &&
	       (is_ascii(out, strlen(out)) || chat_nick_icu_allowed(out, why));
}

/* --- which look alike --------------------------------------------------------------------------*/

/* What the skeleton of UTS #39 makes of the letters and digits of ASCII, without their case; those
 * that are not here stay themselves. */
static const struct {
	char character;
	const char *written, *folded;
} alike[] = {
	{ '0', "o", "o" },   { '1', "l", "l" },   { 'I', "l", "i" },
	{ 'm', "rn", "rn" }, { 'M', "rn", "rn" },
};

/* At most two characters each: CHAT_NICK_KEY_MAX is more. */
static char *add_key(char *key, char character, bool written)
{
	for (size_t i = 0; i < COUNT(alike); i++)
		if (alike[i].character == character) {
			const char *text = written ? alike[i].written : alike[i].folded;

			return (char *)memcpy(key, text, strlen(text)) + strlen(text);
		}
	*key = (char)(is_upper(character) ? character | 0x20 : character);
	return key + 1;
}

static void ascii_keys(const char *name, struct chat_nick_keys *out)
{
	char *written = out->written, *folded = out->folded;

	for (; *name; name++) {
		written = add_key(written, *name, true);
		folded = add_key(folded, *name, false);
	}
	*written = *folded = '\0';
}

bool chat_nick_keys(const char *name, struct chat_nick_keys *out, struct failure *why)
{
	if (!is_ascii(name, strlen(name)))
		return chat_nick_icu_keys(name, out, why);
	ascii_keys(name, out);
	return true;
}

bool chat_nick_reserved(const struct chat_nick_keys *keys)
{
	static const char *const names[] = { "server", "host",     "system", "admin",
					     "root",   "everyone", "you" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct chat_nick_keys reserved = { .written = "" };

		ascii_keys(names[i], &reserved);
		if (chat_nick_alike(keys, &reserved))
			return true;
	}
	return false;
}

bool chat_nick_alike(const struct chat_nick_keys *a, const struct chat_nick_keys *b)
{
	return !strcmp(a->written, b->written) || !strcmp(a->folded, b->folded);
}
