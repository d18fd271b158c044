/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/socks.c
 * Holds: every reply has a text, unknown ones too; a datagram's header is read and written for each
 * type of address, its data begins behind it; fragments, reserved bytes, unknown types and short
 * ones are refused.
 */
#include <criterion/criterion.h>
#include <limits.h>
#include <string.h>

#include <sockutil/proto/socks.h>

Test(socks, texts)
{
	cr_assert_str_eq(socks_reply_text(SOCKS_GRANTED), "granted");
	cr_assert_str_eq(socks_reply_text(SOCKS_NOT_ALLOWED), "not allowed by its rules");
	cr_assert_str_eq(socks_reply_text(SOCKS_REFUSED), "connection refused");
	cr_assert_str_eq(socks_reply_text(SOCKS_ADDRESS_UNKNOWN), "address type not supported");
	cr_assert_str_eq(socks_reply_text(9), "unknown reply");
	cr_assert_str_eq(socks_reply_text(-1), "unknown reply");
	cr_assert_str_eq(socks_reply_text(INT_MAX), "unknown reply");
	for (int i = 0; i <= SOCKS_ADDRESS_UNKNOWN; ++i)
		cr_assert_str_neq(socks_reply_text(i), "unknown reply");
}

static void carried(const char *host, bool is_name, size_t header)
{
	struct socks_address in = { .is_name = is_name, .port = 53 }, out;
	char bytes[SOCKS_MESSAGE_MAX];
	size_t used = 0;

	memcpy(in.host, host, strlen(host) + 1);
	cr_assert_eq(socks5_write_datagram(bytes, &in), header);
	cr_assert(socks5_parse_datagram(bytes, header, &out, &used));
	cr_assert(used == header && out.port == 53 && out.is_name == is_name);
	cr_assert_str_eq(out.host, host);
	for (size_t i = 0; i < header; ++i)
		cr_assert_not(socks5_parse_datagram(bytes, i, &out, &used));
	bytes[2] = 1;
	cr_assert_not(socks5_parse_datagram(bytes, header, &out, &used), "a fragment");
	bytes[2] = 0;
	bytes[1] = 1;
	cr_assert_not(socks5_parse_datagram(bytes, header, &out, &used));
}

Test(socks, datagrams)
{
	struct socks_address out, none = { .is_name = true };
	char bytes[SOCKS_MESSAGE_MAX];
	size_t used;

	carried("192.0.2.1", false, 10);
	carried("2001:db8::1", false, 22);
	carried("example.org", true, 18);
	cr_assert_not(socks5_parse_datagram("\0\0\0\2\0\0\0\0\0\0", 10, &out, &used));
	cr_assert_eq(socks5_write_datagram(bytes, &none), 0);
	cr_assert(socks5_parse_datagram("\0\0\0\1\177\0\0\1\0\7data", 14, &out, &used));
	cr_assert_eq(used, 10);
}
