/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/socks_address.c
 * Holds: each type is written and read again the same, any byte missing is awaited; a literal that
 * comes as a name is a literal; empty names, NULs, unknown types, ports out of range and literals
 * that are none are refused; nothing given is 0.0.0.0:0; version 4 has IPv4 alone.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/socks_address.h>

static void round_trip(const char *host, bool is_name, const char *bytes, size_t length)
{
	struct socks_address in = { .is_name = is_name, .port = 0x1f90 }, out;
	char written[SOCKS_ADDRESS_MAX];
	size_t used = 0;
	bool known;

	memcpy(in.host, host, strlen(host) + 1);
	cr_assert_eq(socks_address_write(written, &in), length, "%s", host);
	cr_assert_arr_eq(written, bytes, length);
	for (size_t i = 0; i < length; ++i) {
		cr_assert_eq(socks_address_parse(bytes, i, &out, &used, &known), IO_AGAIN);
		cr_assert(known);
	}
	cr_assert_eq(socks_address_parse(bytes, length, &out, &used, &known), IO_DONE);
	cr_assert_eq(used, length);
	cr_assert_str_eq(out.host, host);
	cr_assert_eq(out.is_name, is_name);
	cr_assert_eq(out.port, 0x1f90);
}

Test(socks_address, each_type)
{
	char name[256], bytes[259];

	round_trip("192.0.2.1", false, "\1\xc0\0\2\1\x1f\x90", 7);
	round_trip("2001:db8::1", false, "\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x1f\x90", 19);
	round_trip("example.org", true, "\3\13example.org\x1f\x90", 15);
	memset(name, 'n', 255);
	name[255] = '\0';
	bytes[0] = 3;
	bytes[1] = (char)255;
	memset(bytes + 2, 'n', 255);
	memcpy(bytes + 257, "\x1f\x90", 2);
	round_trip(name, true, bytes, 259);
}

static void refused(const char *bytes, size_t length, bool type_known)
{
	struct socks_address out;
	size_t used;
	bool known;

	cr_assert_eq(socks_address_parse(bytes, length, &out, &used, &known), IO_FAILED);
	cr_assert_eq(known, type_known);
}

Test(socks_address, what_is_no_address)
{
	refused("\0", 1, false);
	refused("\2\0\0\0\0\0\0", 7, false);
	refused("\5", 1, false);
	refused("\xff", 1, false);
	refused("\3\0", 2, true);
	refused("\3\3a\0b\0\1", 7, true);
}

Test(socks_address, a_literal_as_a_name_is_one)
{
	struct socks_address out;
	size_t used;
	bool known;

	cr_assert_eq(socks_address_parse("\3\x9"
					 "127.0.0.1\0\1",
					 13, &out, &used, &known),
		     IO_DONE);
	cr_assert(!out.is_name && out.port == 1);
	cr_assert_eq(socks_address_parse("\3\3::1\0\1", 7, &out, &used, &known), IO_DONE);
	cr_assert(!out.is_name);
	cr_assert_eq(socks_address_parse("\3\5"
					 "127.1\0\1",
					 9, &out, &used, &known),
		     IO_DONE);
	cr_assert(out.is_name, "inet_aton's forms are no literals");
}

Test(socks_address, what_cannot_be_written)
{
	char out[SOCKS_ADDRESS_MAX];
	struct socks_address address = { .host = "127.0.0.1", .port = 65536 };

	cr_assert_eq(socks_address_write(out, &address), 0);
	address.port = -1;
	cr_assert_eq(socks_address_write(out, &address), 0);
	address = (struct socks_address){ .host = "fe80::1%lo" };
	cr_assert_eq(socks_address_write(out, &address), 0);
	address = (struct socks_address){ .host = "", .is_name = true };
	cr_assert_eq(socks_address_write(out, &address), 0);
	memset(address.host, 'n', sizeof address.host);
	cr_assert_eq(socks_address_write(out, &address), 0);
	cr_assert_eq(socks_address_write(out, NULL), 7);
	cr_assert_arr_eq(out, "\1\0\0\0\0\0\0", 7);
}

Test(socks_address, version_4)
{
	struct socks_address address = { .host = "192.0.2.1", .port = 80 }, out;
	char bytes[6];

	cr_assert(socks_address_write_v4(bytes, &address));
	cr_assert_arr_eq(bytes, "\0\x50\xc0\0\2\1", 6);
	socks_address_parse_v4(bytes, &out);
	cr_assert_str_eq(out.host, "192.0.2.1");
	cr_assert(out.port == 80 && !out.is_name);
	address = (struct socks_address){ .host = "::1", .port = 80 };
	cr_assert_not(socks_address_write_v4(bytes, &address));
	address = (struct socks_address){ .host = "192.0.2.1", .port = 80, .is_name = true };
	cr_assert_not(socks_address_write_v4(bytes, &address));
}
