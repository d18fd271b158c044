/* SPDX-License-Identifier: MIT */
/* src/proto/host_name.c - what can name a host. */
#include <net/if.h>
#include <string.h>

#include <sockutil/proto/host_name.h>

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool host_name_is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c ||
	       (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2060 && point <= 0x206f) || point == 0xfeff;
}

bool host_name_is_numeric(const char *label, size_t length)
{
	if (length >= 2 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
		return strspn(label + 2, DIGITS "abcdefABCDEF") >= length - 2;
	return strspn(label, DIGITS) >= length;
}

bool host_name_is_zone(const char *zone, size_t length)
{
	if (length == 0 || length >= IF_NAMESIZE)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!zone[i] || !strchr(LETTERS DIGITS "-_.+~!$&,;=", zone[i]))
			return false;
	return true;
}
