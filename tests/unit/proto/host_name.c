/* SPDX-License-Identifier: MIT */
/* host_name.c - holds: what nobody sees is told from what names are written with; what inet_aton(3)
 * would take for a number; names of interfaces as zones, and what is none. */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/host_name.h>

Test(host_name, controls)
{
	static const uint32_t unseen[] = { 0,      0x1f,   0x7f,   0x9f,   0x61c,
					   0x200b, 0x2028, 0x202e, 0x2066, 0xfeff };
	static const uint32_t seen[] = { 0x20, 'a', 0xa0, 0xe9, 0x200a, 0x2010, 0x4e2d, 0x1f600 };

	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		cr_expect(host_name_is_control(unseen[i]), "%x", (unsigned)unseen[i]);
	for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
		cr_expect(!host_name_is_control(seen[i]), "%x", (unsigned)seen[i]);
}

Test(host_name, numbers_of_an_address)
{
	cr_expect(host_name_is_numeric("127.x", 3));
	cr_expect(host_name_is_numeric("0x7f", 4));
	cr_expect(host_name_is_numeric("0X", 2));
	cr_expect(host_name_is_numeric("017", 3));
	cr_expect(!host_name_is_numeric("0xg", 3));
	cr_expect(!host_name_is_numeric("1a", 2));
	cr_expect(!host_name_is_numeric("web", 3));
}

Test(host_name, zones)
{
	cr_expect(host_name_is_zone("eth0", 4));
	cr_expect(host_name_is_zone("wg-1.5+x", 8));
	cr_expect(host_name_is_zone("123456789012345", 15));
	cr_expect(!host_name_is_zone("1234567890123456", 16));
	cr_expect(!host_name_is_zone("", 0));
	cr_expect(!host_name_is_zone("a\0b", 3));
	cr_expect(!host_name_is_zone("a/b", 3));
	cr_expect(!host_name_is_zone("a b", 3));
}
