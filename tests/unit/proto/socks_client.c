/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/socks_client.c
 * Holds: requests of version 4, 4a and 5 to the byte; what a version cannot say is refused; answers
 * may come a byte at a time and nothing behind them is touched; answers of another version are
 * failures at their first byte; a refusal needs two bytes; a granted reply may have each type of
 * address.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/socks.h>

static const struct socks_address v4 = { .host = "192.0.2.1", .port = 80 };
static const struct socks_address v6 = { .host = "::1", .port = 80 };
static const struct socks_address name = { .host = "a.org", .is_name = true, .port = 80 };

#define SAID(length, bytes)                                                                        \
	do {                                                                                       \
		const size_t said = (length);                                                      \
                                                                                                   \
		cr_assert_eq(said, sizeof(bytes) - 1);                                             \
		cr_assert_arr_eq(out, bytes, sizeof(bytes) - 1);                                   \
	} while (0)

Test(socks_client, requests_of_version_4)
{
	char out[SOCKS_MESSAGE_MAX], user[257];

	SAID(socks4_write_request(out, SOCKS_CONNECT, &v4, "", false), "\4\1\0\x50\xc0\0\2\1\0");
	SAID(socks4_write_request(out, SOCKS_BIND, &v4, "me", true), "\4\2\0\x50\xc0\0\2\1me\0");
	SAID(socks4_write_request(out, SOCKS_CONNECT, &name, "me", true),
	     "\4\1\0\x50\0\0\0\1me\0a.org\0");
	cr_assert_eq(socks4_write_request(out, SOCKS_CONNECT, &name, "", false), 0);
	cr_assert_eq(socks4_write_request(out, SOCKS_CONNECT, &v6, "", true), 0);
	memset(user, 'u', 256);
	user[256] = '\0';
	cr_assert_eq(socks4_write_request(out, SOCKS_CONNECT, &v4, user, true), 0);
	user[255] = '\0';
	cr_assert_eq(socks4_write_request(out, SOCKS_CONNECT, &v4, user, true), 8 + 256);
}

Test(socks_client, requests_of_version_5)
{
	char out[SOCKS_MESSAGE_MAX];
	struct socks_address longest = { .is_name = true };

	SAID(socks5_write_greeting(out, false), "\5\1\0");
	SAID(socks5_write_greeting(out, true), "\5\2\0\2");
	SAID(socks5_write_request(out, SOCKS_CONNECT, &v4), "\5\1\0\1\xc0\0\2\1\0\x50");
	SAID(socks5_write_request(out, SOCKS_UDP_ASSOCIATE, &name), "\5\3\0\3\5a.org\0\x50");
	SAID(socks5_write_request(out, SOCKS_BIND, &v6),
	     "\5\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\x50");
	memset(longest.host, 'n', 255);
	cr_assert_eq(socks5_write_request(out, SOCKS_CONNECT, &longest), 3 + 2 + 255 + 2);
	longest.host[255] = 'n';
	cr_assert_eq(socks5_write_request(out, SOCKS_CONNECT, &longest), 0);
}

Test(socks_client, logins)
{
	char out[SOCKS_MESSAGE_MAX], text[257];

	SAID(socks5_write_login(out, "ann", "pw"), "\1\3ann\2pw");
	cr_assert_eq(socks5_write_login(out, "", "pw"), 0);
	cr_assert_eq(socks5_write_login(out, "ann", ""), 0);
	memset(text, 'x', 256);
	text[256] = '\0';
	cr_assert_eq(socks5_write_login(out, text, "pw"), 0);
	cr_assert_eq(socks5_write_login(out, "ann", text), 0);
	text[255] = '\0';
	cr_assert_eq(socks5_write_login(out, text, text), 1 + 2 * 256);
}

Test(socks_client, answers_of_version_4)
{
	const char *granted = "\0\x5a\0\x50\xc0\0\2\1more";
	struct socks_address bound;
	struct failure why = { 0 };
	int code = 0;
	size_t used = 0;

	for (size_t i = 0; i < 8; ++i)
		cr_assert_eq(socks4_parse_reply(granted, i, &code, &bound, &used, &why), IO_AGAIN);
	cr_assert_eq(socks4_parse_reply(granted, 12, &code, &bound, &used, &why), IO_DONE);
	cr_assert(code == 90 && used == 8 && bound.port == 80);
	cr_assert_str_eq(bound.host, "192.0.2.1");
	cr_assert_eq(socks4_parse_reply("\4", 1, &code, &bound, &used, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, "its answer is not of SOCKS version 4");
}

Test(socks_client, choices_and_logins)
{
	struct failure why = { 0 };
	size_t used = 0;
	int method = -1;
	bool accepted = false;

	cr_assert_eq(socks5_parse_choice("", 0, &method, &used, &why), IO_AGAIN);
	cr_assert_eq(socks5_parse_choice("\5", 1, &method, &used, &why), IO_AGAIN);
	cr_assert_eq(socks5_parse_choice("\5\xff\1", 3, &method, &used, &why), IO_DONE);
	cr_assert(method == SOCKS_METHOD_REFUSED && used == 2);
	cr_assert_eq(socks5_parse_choice("H", 1, &method, &used, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "its answer is not of SOCKS version 5");

	cr_assert_eq(socks5_parse_login_reply("\1", 1, &accepted, &used, &why), IO_AGAIN);
	cr_assert_eq(socks5_parse_login_reply("\1\0x", 3, &accepted, &used, &why), IO_DONE);
	cr_assert(accepted && used == 2);
	cr_assert_eq(socks5_parse_login_reply("\5\0", 2, &accepted, &used, &why), IO_DONE);
	cr_assert(accepted, "some servers say 5");
	cr_assert_eq(socks5_parse_login_reply("\1\7", 2, &accepted, &used, &why), IO_DONE);
	cr_assert_not(accepted);
	cr_assert_eq(socks5_parse_login_reply("\0", 1, &accepted, &used, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "its answer to the password is malformed");
}

static void granted(const char *bytes, size_t length, const char *host)
{
	struct socks_address bound;
	struct failure why = { 0 };
	size_t used = 0;
	int reply = -1;

	for (size_t i = 0; i < length; ++i)
		cr_assert_eq(socks5_parse_reply(bytes, i, &reply, &bound, &used, &why), IO_AGAIN);
	cr_assert_eq(socks5_parse_reply(bytes, length, &reply, &bound, &used, &why), IO_DONE);
	cr_assert(reply == 0 && used == length && bound.port == 80);
	cr_assert_str_eq(bound.host, host);
}

Test(socks_client, replies_of_version_5)
{
	struct socks_address bound;
	struct failure why = { 0 };
	size_t used = 0;
	int reply = -1;

	granted("\5\0\0\1\xc0\0\2\1\0\x50", 10, "192.0.2.1");
	granted("\5\0\0\3\5a.org\0\x50", 12, "a.org");
	granted("\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\x50", 22, "::1");
	/* The rest may never come. */
	cr_assert_eq(socks5_parse_reply("\5\5", 2, &reply, &bound, &used, &why), IO_DONE);
	cr_assert(reply == SOCKS_REFUSED && used == 2 && bound.host[0] == '\0');
	cr_assert_eq(socks5_parse_reply("\5\0\0\2", 4, &reply, &bound, &used, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "its answer has an unknown type of address");
	cr_assert_eq(socks5_parse_reply("\5\0\0\3\0", 5, &reply, &bound, &used, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "its answer has a malformed name");
	cr_assert_eq(socks5_parse_reply("\4", 1, &reply, &bound, &used, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "its answer is not of SOCKS version 5");
}
