/* SPDX-License-Identifier: MIT */
/* content_disposition.c - the file name a server proposes. */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/utf8.h>
#include <sockutil/proto/content_disposition.h>

#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const char token_bytes[] = ALPHANUMERIC "!#$%&'*+-.^_`|~";  /* RFC 9110, 5.6.2 */
static const char attribute_bytes[] = ALPHANUMERIC "!#$&+-.^_`|~"; /* RFC 8187, 3.2.1 */

/* Invariant: at <= length. */
struct reader {
	const char *text;
	size_t length, at;
};

/* A value as it stands in the text, without its quotes; NULL: there was none. */
struct value {
	const char *text;
	size_t length;
	bool quoted;
};

static bool is_in(char byte, const char *set)
{
	return byte && strchr(set, byte);
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->length && is_in(r->text[r->at], " \t"))
		r->at++;
}

static bool take(struct reader *r, char byte)
{
	if (r->at == r->length || r->text[r->at] != byte)
		return false;
	r->at++;
	return true;
}

static size_t take_token(struct reader *r)
{
	const size_t start = r->at;

	while (r->at < r->length && is_in(r->text[r->at], token_bytes))
		r->at++;
	return r->at - start;
}

/* Servers write "report(1).pdf" and names beyond ASCII without quotes: everything that cannot be
 * taken for the end of the value is part of it. */
static bool is_loose(char byte)
{
	return (unsigned char)byte > 0x20 && byte != 0x7f && !is_in(byte, "\"\\,;=");
}

static bool take_loose(struct reader *r, struct value *out)
{
	const size_t start = r->at;

	while (r->at < r->length && is_loose(r->text[r->at]))
		r->at++;
	*out = (struct value){ .text = r->text + start, .length = r->at - start };
	return out->length > 0;
}

static bool is_quotable(char byte)
{
	return byte == '\t' || ((unsigned char)byte >= 0x20 && byte != 0x7f);
}

/* RFC 9110, 5.6.4. */
static bool take_quoted(struct reader *r, struct value *out)
{
	const size_t start = r->at;

	for (; r->at < r->length && is_quotable(r->text[r->at]); r->at++) {
		if (r->text[r->at] == '"') {
			*out = (struct value){
				.text = r->text + start,
				.length = r->at++ - start,
				.quoted = true,
			};
			return true;
		}
		if (r->text[r->at] == '\\' &&
		    (++r->at == r->length || !is_quotable(r->text[r->at])))
			return false;
	}
	return false;
}

struct names {
	struct value plain, extended; /* filename, filename* */
};

/* "NAME=VALUE"; of two file names neither can be believed. */
static bool take_parameter(struct reader *r, struct names *names)
{
	const char *name = r->text + r->at;
	const size_t length = take_token(r);
	struct value value, *kept = NULL;

	if (length == 8 && strncasecmp(name, "filename", length) == 0)
		kept = &names->plain;
	else if (length == 9 && strncasecmp(name, "filename*", length) == 0)
		kept = &names->extended;
	skip_blanks(r);
	if (length == 0 || !take(r, '='))
		return false;
	skip_blanks(r);
	if (!(take(r, '"') ? take_quoted(r, &value) : take_loose(r, &value)))
		return false;
	if (kept && kept->text)
		return false;
	if (kept)
		*kept = value;
	return true;
}

/* "TYPE; NAME=VALUE; …": a semicolon with nothing behind is common. */
static bool parse(struct reader *r, struct names *names)
{
	skip_blanks(r);
	if (take_token(r) == 0)
		return false;
	for (skip_blanks(r); r->at < r->length; skip_blanks(r)) {
		if (!take(r, ';'))
			return false;
		skip_blanks(r);
		if (r->at < r->length && r->text[r->at] != ';' && !take_parameter(r, names))
			return false;
	}
	return true;
}

static bool put(char *out, size_t size, size_t *written, char byte)
{
	if (*written + 1 >= size)
		return false;
	out[(*written)++] = byte;
	out[*written] = '\0';
	return true;
}

static bool unquote(const struct value *value, char *out, size_t size)
{
	size_t written = 0;

	for (size_t i = 0; i < value->length; i++) {
		if (value->quoted && value->text[i] == '\\')
			i++;
		if (!put(out, size, &written, value->text[i]))
			return false;
	}
	return written > 0;
}

static int digit_value(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = NULL;

	if (digit >= 'A' && digit <= 'F')
		digit = (char)(digit - 'A' + 'a');
	if (digit)
		found = strchr(digits, digit);
	return found ? (int)(found - digits) : -1;
}

/* A byte of value-chars (RFC 8187, 3.2.1), 1-255; -1: malformed, or a NUL. *at moves behind it. */
static int decoded(const struct value *value, size_t *at)
{
	const char *text = value->text + *at;
	int high, low;

	if (*text != '%') {
		*at += 1;
		return is_in(*text, attribute_bytes) ? *text : -1;
	}
	if (value->length - *at < 3)
		return -1;
	high = digit_value(text[1]);
	low = digit_value(text[2]);
	*at += 3;
	return high < 0 || low < 0 || high + low == 0 ? -1 : high << 4 | low;
}

/* From ISO-8859-1, whose bytes are the first 256 characters of Unicode. */
static bool put_latin(char *out, size_t size, size_t *written, int byte)
{
	if (byte < 0x80)
		return put(out, size, written, (char)byte);
	return put(out, size, written, (char)(0xc0 | byte >> 6)) &&
	       put(out, size, written, (char)(0x80 | (byte & 0x3f)));
}

/* charset'language'value-chars */
static bool decode_extended(const struct value *value, char *out, size_t size)
{
	const char *first = value->text ? memchr(value->text, '\'', value->length) : NULL;
	const size_t charset = first ? (size_t)(first - value->text) : 0;
	const char *second = first ? memchr(first + 1, '\'', value->length - charset - 1) : NULL;
	const bool latin = charset == 10 && strncasecmp(value->text, "ISO-8859-1", 10) == 0;
	const bool utf8 = charset == 5 && strncasecmp(value->text, "UTF-8", 5) == 0;
	size_t written = 0;

	if (!second || value->quoted || (!latin && !utf8))
		return false;
	for (size_t at = (size_t)(second - value->text) + 1; at < value->length;) {
		const int byte = decoded(value, &at);

		if (byte < 0 || !(latin ? put_latin(out, size, &written, byte)
					: put(out, size, &written, (char)byte)))
			return false;
	}
	return written > 0 && utf8_valid(out, written);
}

bool content_disposition_name(const char *value, size_t length, char *out, size_t size)
{
	struct reader r = { .text = value, .length = length };
	struct names names = { 0 };

	if (!parse(&r, &names))
		return false;
	return decode_extended(&names.extended, out, size) ||
	       (names.plain.text && unquote(&names.plain, out, size));
}
