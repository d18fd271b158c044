/* SPDX-License-Identifier: MIT */
/* How the values of socket options are written and shown: numbers, sizes, times, words. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>

#include <sockutil/base/number.h>
#include <sockutil/net/sockopt_table.h>

static bool put(struct sockopt_value *out, const void *bytes, size_t length)
{
	memcpy(out->bytes, bytes, length);
	out->length = (socklen_t)length;
	return true;
}

static bool put_int(struct sockopt_value *out, int value)
{
	return put(out, &value, sizeof(value));
}

static bool is_digits(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static bool parse_hexadecimal(const char *text, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (text[0] == '\0' || text[strspn(text, "0123456789abcdefABCDEF")] != '\0')
		return false;
	for (; *text; text++) {
		unsigned digit = *text <= '9' ? (unsigned)(*text - '0')
					      : (unsigned)((*text | 0x20) - 'a' + 10);

		if (value > (max - digit) / 16)
			return false;
		value = value * 16 + digit;
	}
	*out = value;
	return true;
}

static bool parse_natural(const char *text, uint64_t max, uint64_t *out)
{
	if (strncasecmp(text, "0x", 2) == 0)
		return parse_hexadecimal(text + 2, max, out);
	return number_parse(text, max, out);
}

/* A number, or a size with its unit. */
static bool parse_amount(const char *text, uint64_t max, uint64_t *out)
{
	uint64_t value;

	if (parse_natural(text, max, out))
		return true;
	if (!size_parse(text, &value) || value > max)
		return false;
	*out = value;
	return true;
}

static bool parse_bool(const struct sockopt_row *row, const char *text, struct sockopt_value *out)
{
	static const char *const words[] = { "0", "1", "off", "on", "no", "yes", "false", "true" };

	(void)row;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(text, words[i]) == 0)
			return put_int(out, (int)(i % 2));
	return false;
}

static bool parse_integer(const struct sockopt_row *row, const char *text,
			  struct sockopt_value *out)
{
	bool negative = text[0] == '-';
	uint64_t value;

	(void)row;
	if (!parse_natural(text + negative, (uint64_t)INT_MAX + negative, &value))
		return false;
	return put_int(out, (int)(negative ? -(int64_t)value : (int64_t)value));
}

static bool parse_hops(const struct sockopt_row *row, const char *text, struct sockopt_value *out)
{
	uint64_t value;

	(void)row;
	return number_parse(text, 255, &value) && value > 0 && put_int(out, (int)value);
}

static bool parse_unsigned(const struct sockopt_row *row, const char *text,
			   struct sockopt_value *out)
{
	uint64_t value;
	uint32_t narrow;

	(void)row;
	if (!parse_amount(text, UINT32_MAX, &value))
		return false;
	narrow = (uint32_t)value;
	return put(out, &narrow, sizeof(narrow));
}

static bool parse_size(const struct sockopt_row *row, const char *text, struct sockopt_value *out)
{
	uint64_t value;

	(void)row;
	return parse_amount(text, INT_MAX, &value) && put_int(out, (int)value);
}

static bool parse_long(const struct sockopt_row *row, const char *text, struct sockopt_value *out)
{
	uint64_t value;

	(void)row;
	return parse_amount(text, UINT64_MAX, &value) && put(out, &value, sizeof(value));
}

static bool parse_rate(const struct sockopt_row *row, const char *text, struct sockopt_value *out)
{
	unsigned long rate = ULONG_MAX;
	uint64_t value;

	(void)row;
	if (strcasecmp(text, "unlimited") != 0) {
		if (!parse_amount(text, ULONG_MAX, &value))
			return false;
		rate = (unsigned long)value;
	}
	return put(out, &rate, sizeof(rate));
}

/* A plain number counts in the option's own unit, one with a unit is converted: per_unit
 * milliseconds make one, or one millisecond makes per_millisecond. */
static bool parse_time(const char *text, int64_t per_unit, int64_t per_millisecond,
		       struct sockopt_value *out)
{
	uint64_t plain;
	int64_t ms;

	if (is_digits(text))
		return number_parse(text, INT_MAX, &plain) && put_int(out, (int)plain);
	if (!duration_parse(text, &ms) || ms % per_unit != 0 ||
	    ms / per_unit > INT_MAX / per_millisecond)
		return false;
	return put_int(out, (int)(ms / per_unit * per_millisecond));
}

static bool parse_seconds(const struct sockopt_row *row, const char *text,
			  struct sockopt_value *out)
{
	(void)row;
	return parse_time(text, 1000, 1, out);
}

static bool parse_milliseconds(const struct sockopt_row *row, const char *text,
			       struct sockopt_value *out)
{
	(void)row;
	return parse_time(text, 1, 1, out);
}

static bool parse_microseconds(const struct sockopt_row *row, const char *text,
			       struct sockopt_value *out)
{
	(void)row;
	return parse_time(text, 1, 1000, out);
}

static bool parse_timeval(const struct sockopt_row *row, const char *text,
			  struct sockopt_value *out)
{
	struct timeval time = { 0 };
	int64_t ms;

	(void)row;
	if (!duration_parse(text, &ms))
		return false;
	time.tv_sec = (time_t)(ms / 1000);
	time.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	return put(out, &time, sizeof(time));
}

static bool parse_linger(const struct sockopt_row *row, const char *text, struct sockopt_value *out)
{
	struct linger linger = { 0 };
	struct sockopt_value seconds;

	(void)row;
	if (strcasecmp(text, "off") != 0) {
		if (!parse_time(text, 1000, 1, &seconds))
			return false;
		linger.l_onoff = 1;
		memcpy(&linger.l_linger, seconds.bytes, sizeof(int));
	}
	return put(out, &linger, sizeof(linger));
}

static bool parse_text(const struct sockopt_row *row, const char *text, struct sockopt_value *out)
{
	size_t length = strlen(text);

	(void)row;
	/* 15 bytes and a NUL: TCP_CA_NAME_MAX, TCP_ULP_NAME_MAX and IFNAMSIZ are 16. */
	if (length == 0 || length > 15)
		return false;
	memset(out->bytes, 0, sizeof(out->bytes));
	memcpy(out->bytes, text, length);
	out->length = (socklen_t)length + 1;
	return true;
}

static bool parse_word(const struct sockopt_row *row, const char *text, struct sockopt_value *out)
{
	for (const struct sockopt_word *w = row->words; w->name; w++)
		if (strcasecmp(text, w->name) == 0)
			return put_int(out, w->value);
	return parse_integer(row, text, out);
}

/* RFC 2474, 2597, 3246, 5865, 8622. */
static const struct sockopt_word code_points[] = {
	{ "default", 0 }, { "be", 0 },    { "le", 1 },    { "cs1", 8 },
	{ "af11", 10 },   { "af12", 12 }, { "af13", 14 }, { "cs2", 16 },
	{ "af21", 18 },   { "af22", 20 }, { "af23", 22 }, { "cs3", 24 },
	{ "af31", 26 },   { "af32", 28 }, { "af33", 30 }, { "cs4", 32 },
	{ "af41", 34 },   { "af42", 36 }, { "af43", 38 }, { "cs5", 40 },
	{ "va", 44 },     { "ef", 46 },   { "cs6", 48 },  { "cs7", 56 },
	{ "cs0", 0 },     { 0 },
};

static bool parse_dscp(const struct sockopt_row *row, const char *text, struct sockopt_value *out)
{
	uint64_t value;

	(void)row;
	for (const struct sockopt_word *w = code_points; w->name; w++)
		if (strcasecmp(text, w->name) == 0)
			return put_int(out, w->value << 2);
	return parse_natural(text, 63, &value) && put_int(out, (int)value << 2);
}

/* Some options are one byte on some systems. */
static bool get_int(const void *bytes, socklen_t length, int *out)
{
	if (length == 1)
		*out = *(const unsigned char *)bytes;
	else if (length >= sizeof(int))
		memcpy(out, bytes, sizeof(int));
	else
		return false;
	return true;
}

static bool print_int(const struct sockopt_row *row, const void *bytes, socklen_t length,
		      struct buffer *out)
{
	int value;

	(void)row;
	return get_int(bytes, length, &value) && buffer_format(out, "%d", value);
}

static bool print_unsigned(const struct sockopt_row *row, const void *bytes, socklen_t length,
			   struct buffer *out)
{
	int value;

	(void)row;
	return get_int(bytes, length, &value) && buffer_format(out, "%u", (unsigned)value);
}

static bool print_long(const struct sockopt_row *row, const void *bytes, socklen_t length,
		       struct buffer *out)
{
	uint64_t value;

	(void)row;
	if (length < sizeof(value))
		return false;
	memcpy(&value, bytes, sizeof(value));
	return buffer_format(out, "%llu", (unsigned long long)value);
}

static bool print_rate(const struct sockopt_row *row, const void *bytes, socklen_t length,
		       struct buffer *out)
{
	unsigned long rate;

	(void)row;
	if (length < sizeof(rate))
		return false;
	memcpy(&rate, bytes, sizeof(rate));
	return rate == ULONG_MAX ? buffer_format(out, "unlimited")
				 : buffer_format(out, "%lu", rate);
}

static bool print_timeval(const struct sockopt_row *row, const void *bytes, socklen_t length,
			  struct buffer *out)
{
	struct timeval time;

	(void)row;
	if (length < sizeof(time))
		return false;
	memcpy(&time, bytes, sizeof(time));
	return buffer_format(out, "%lld.%06lds", (long long)time.tv_sec, (long)time.tv_usec);
}

static bool print_linger(const struct sockopt_row *row, const void *bytes, socklen_t length,
			 struct buffer *out)
{
	struct linger linger;

	(void)row;
	if (length < sizeof(linger))
		return false;
	memcpy(&linger, bytes, sizeof(linger));
	return linger.l_onoff ? buffer_format(out, "%ds", linger.l_linger)
			      : buffer_format(out, "off");
}

static bool print_text(const struct sockopt_row *row, const void *bytes, socklen_t length,
		       struct buffer *out)
{
	size_t used = strnlen(bytes, length);

	(void)row;
	return used > 0 ? buffer_add(out, bytes, used) : buffer_format(out, "(none)");
}

static bool print_word(const struct sockopt_row *row, const void *bytes, socklen_t length,
		       struct buffer *out)
{
	int value;

	if (!get_int(bytes, length, &value))
		return false;
	for (const struct sockopt_word *w = row->words; w->name; w++)
		if (w->value == value)
			return buffer_format(out, "%s", w->name);
	return buffer_format(out, "%d", value);
}

static bool parse_nothing(const struct sockopt_row *row, const char *text,
			  struct sockopt_value *out)
{
	(void)row;
	(void)text;
	(void)out;
	return false;
}

const struct sockopt_kind sockopt_kind_bool = {
	.expected = "on or off",
	.parse = parse_bool,
	.print = print_int,
};

const struct sockopt_kind sockopt_kind_integer = {
	.expected = "an integer",
	.parse = parse_integer,
	.print = print_int,
};

const struct sockopt_kind sockopt_kind_hops = {
	.expected = "1 to 255",
	.parse = parse_hops,
	.print = print_int,
};

const struct sockopt_kind sockopt_kind_unsigned = {
	.expected = "a number from 0 to 4294967295",
	.parse = parse_unsigned,
	.print = print_unsigned,
};

const struct sockopt_kind sockopt_kind_size = {
	.expected = "a size in bytes below 2G, such as 64K",
	.parse = parse_size,
	.print = print_int,
};

const struct sockopt_kind sockopt_kind_long = {
	.expected = "a size in bytes, such as 64K",
	.parse = parse_long,
	.print = print_long,
};

const struct sockopt_kind sockopt_kind_rate = {
	.expected = "bytes a second, such as 1M, or unlimited",
	.parse = parse_rate,
	.print = print_rate,
};

const struct sockopt_kind sockopt_kind_seconds = {
	.expected = "whole seconds, such as 60 or 1m",
	.parse = parse_seconds,
	.print = print_int,
};

const struct sockopt_kind sockopt_kind_milliseconds = {
	.expected = "milliseconds, or a time with its unit, such as 5s",
	.parse = parse_milliseconds,
	.print = print_int,
};

const struct sockopt_kind sockopt_kind_microseconds = {
	.expected = "microseconds, or a time with its unit, such as 50ms",
	.parse = parse_microseconds,
	.print = print_int,
};

const struct sockopt_kind sockopt_kind_timeval = {
	.expected = "a time, such as 0.5 or 250ms",
	.parse = parse_timeval,
	.print = print_timeval,
};

const struct sockopt_kind sockopt_kind_linger = {
	.expected = "whole seconds, or off",
	.parse = parse_linger,
	.print = print_linger,
};

const struct sockopt_kind sockopt_kind_text = {
	.expected = "a name of at most 15 bytes",
	.parse = parse_text,
	.print = print_text,
};

const struct sockopt_kind sockopt_kind_device = {
	.expected = "the name of a network interface",
	.parse = parse_text,
	.print = print_text,
};

const struct sockopt_kind sockopt_kind_word = {
	.expected = "one of the manual's words",
	.parse = parse_word,
	.print = print_word,
};

const struct sockopt_kind sockopt_kind_dscp = {
	.expected = "0 to 63, or a name such as ef, af41, cs5, le",
	.parse = parse_dscp,
	.print = print_int,
};

const struct sockopt_kind sockopt_kind_structure = {
	.expected = NULL,
	.parse = parse_nothing,
	.print = print_int,
};
