/* SPDX-License-Identifier: MIT */
/* file_name.c - names from the network as names of files in one folder. */
#include <stdint.h>
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/proto/file_name.h>

/* Controls of C0 and C1, line and paragraph separators, and what turns the direction of text, so
 * that "gpj.exe" looks like another file. */
static bool is_steering(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c ||
	       point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2066 && point <= 0x2069);
}

static bool is_plain(const char *name, size_t length)
{
	uint32_t point = 0;

	for (size_t i = 0, step; i < length; i += step) {
		step = utf8_decode(name + i, length - i, &point);
		if (step == 0 || is_steering(point))
			return false;
	}
	return true;
}

static const char *last_part(const char *name)
{
	const char *part = name;

	for (; *name; name++)
		if (*name == '/' || *name == '\\')
			part = name + 1;
	return part;
}

bool file_name_from_network(const char *name, char out[static FILE_NAME_MAX])
{
	const char *part = last_part(name);
	const size_t length = strlen(part);

	if (length == 0 || length >= FILE_NAME_MAX || *part == '.' || strcmp(part, "-") == 0 ||
	    !is_plain(part, length))
		return false;
	memcpy(out, part, length + 1);
	return true;
}
