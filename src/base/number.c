/* SPDX-License-Identifier: MIT */
/* number.c - numbers, sizes and durations as users write and read them. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/number.h>

/* Fits every timer that counts milliseconds in 31 bits. */
#define DURATION_MAX  (INT64_C(24) * 24 * 60 * 60 * 1000)
#define FRACTION_MOST 6

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

bool number_parse_bytes(const char *text, size_t length, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (!length)
		return false;
	for (size_t i = 0; i < length; i++) {
		uint64_t next = (uint64_t)(unsigned char)text[i] - '0';

		if (!digit(text[i]) || value > max / 10 || next > max - value * 10)
			return false;
		value = value * 10 + next;
	}
	*out = value;
	return true;
}

bool number_parse(const char *text, uint64_t max, uint64_t *out)
{
	return number_parse_bytes(text, strlen(text), max, out);
}

/* "12.345unit": whole 12, fraction 345 of thousandths. */
struct decimal {
	uint64_t whole;
	uint64_t fraction; /* below scale */
	uint64_t scale;    /* a power of ten; 1: there was no fraction */
	const char *unit;  /* what stands behind the digits */
};

static bool decimal_parse(const char *text, struct decimal *out)
{
	size_t digits = strspn(text, "0123456789");

	*out = (struct decimal){ .scale = 1, .unit = text + digits };
	if (!number_parse_bytes(text, digits, UINT64_MAX, &out->whole))
		return false;
	if (*out->unit != '.')
		return true;
	text = out->unit + 1;
	digits = strspn(text, "0123456789");
	if (digits > FRACTION_MOST || !number_parse_bytes(text, digits, UINT64_MAX, &out->fraction))
		return false;
	for (size_t i = 0; i < digits; i++)
		out->scale *= 10;
	out->unit = text + digits;
	return true;
}

/* number * unit; part tells whether a fraction of one was left over. false: more than max. */
static bool decimal_times(const struct decimal *number, uint64_t unit, uint64_t max, uint64_t *out,
			  bool *part)
{
	uint64_t fraction = number->fraction * unit; /* below 10^6 * 2^40 */

	if (number->whole > max / unit)
		return false;
	*part = fraction % number->scale;
	fraction /= number->scale;
	if (fraction > max - number->whole * unit)
		return false;
	*out = number->whole * unit + fraction;
	return true;
}

bool size_parse(const char *text, uint64_t *bytes)
{
	static const char letters[] = "KMGT";
	struct decimal number;
	const char *letter, *rest;
	uint64_t unit = 1;
	bool part;

	if (!decimal_parse(text, &number))
		return false;
	rest = number.unit;
	letter = *rest ? strchr(letters, toupper((unsigned char)*rest)) : NULL;
	if (letter) {
		unit = UINT64_C(1) << (10 * (letter - letters + 1));
		rest++;
	}
	if (unit == 1 && number.scale > 1)
		return false; /* half a byte */
	if (*rest && strcasecmp(rest, "B") && !(letter && !strcasecmp(rest, "iB")))
		return false;
	return decimal_times(&number, unit, UINT64_MAX, bytes, &part);
}

bool duration_parse(const char *text, int64_t *milliseconds)
{
	static const struct {
		const char *name;
		uint64_t milliseconds;
	} units[] = {
		{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 },
	};
	struct decimal number;
	uint64_t value;
	bool part;

	if (!decimal_parse(text, &number))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (strcmp(number.unit, units[i].name))
			continue;
		if (!decimal_times(&number, units[i].milliseconds, DURATION_MAX, &value, &part))
			return false;
		/* Less than a millisecond is not the same as nothing at all. */
		*milliseconds = (int64_t)value + (part && !value);
		return true;
	}
	return false;
}

const char *size_text(char *out, size_t size, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes;
	size_t unit = 0;

	/* 999.5 would be rounded to a fourth digit. */
	for (; value >= 999.5; unit++)
		value /= 1024;
	snprintf(out, size, "%.3g %s", value, units[unit]);
	return out;
}

const char *duration_text(char *out, size_t size, int64_t milliseconds)
{
	long long ms = milliseconds < 0 ? 0 : (long long)milliseconds;
	long long seconds = ms / 1000, minutes = seconds / 60;

	if (ms < 1000)
		snprintf(out, size, "%lldms", ms);
	else if (seconds < 60)
		snprintf(out, size, "%lld.%02llds", seconds, ms % 1000 / 10);
	else if (minutes < 60)
		snprintf(out, size, "%lldm%02llds", minutes, seconds % 60);
	else
		snprintf(out, size, "%lldh%02lldm", minutes / 60, minutes % 60);
	return out;
}
