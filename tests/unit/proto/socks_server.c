/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/socks_server.c
 * Holds: what the client's side writes is read again, any byte missing is awaited; unknown
 * commands, types and versions are failures at their byte, with the reply that tells; users and
 * names without an end are cut off at 255 bytes; methods above 31 do not matter; empty logins and
 * NULs are refused; replies to the byte, and zeros where there is no address.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/socks.h>

static void request4(const char *bytes, size_t length, enum socks_command expected,
		     const char *host, bool is_name, const char *user)
{
	struct socks_address to;
	struct failure why = { 0 };
	enum socks_command command;
	char got[SOCKS_NAME_MAX];
	size_t used = 0;

	for (size_t i = 0; i < length; ++i)
		cr_assert_eq(socks4_parse_request(bytes, i, &command, &to, got, &used, &why),
			     IO_AGAIN, "%zu", i);
	cr_assert_eq(socks4_parse_request(bytes, length, &command, &to, got, &used, &why), IO_DONE);
	cr_assert(command == expected && used == length && to.port == 80 && to.is_name == is_name);
	cr_assert_str_eq(to.host, host);
	cr_assert_str_eq(got, user);
}

Test(socks_server, requests_of_version_4)
{
	request4("\4\1\0\x50\xc0\0\2\1\0", 9, SOCKS_CONNECT, "192.0.2.1", false, "");
	request4("\4\2\0\x50\xc0\0\2\1me\0", 11, SOCKS_BIND, "192.0.2.1", false, "me");
	request4("\4\1\0\x50\0\0\0\1me\0a.org\0", 17, SOCKS_CONNECT, "a.org", true, "me");
	request4("\4\1\0\x50\0\0\0\xff\0"
		 "127.0.0.1\0",
		 19, SOCKS_CONNECT, "127.0.0.1", false, "");
	request4("\4\1\0\x50\0\0\0\0\0", 9, SOCKS_CONNECT, "0.0.0.0", false, "");
}

static void refused4(const char *bytes, size_t length, const char *message)
{
	struct socks_address to;
	struct failure why = { 0 };
	enum socks_command command;
	char user[SOCKS_NAME_MAX];
	size_t used;

	cr_assert_eq(socks4_parse_request(bytes, length, &command, &to, user, &used, &why),
		     IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, message);
}

Test(socks_server, what_is_no_request_of_version_4)
{
	char bytes[8 + 256 + 256];

	memset(bytes, 'u', sizeof bytes);
	memcpy(bytes, "\4\1\0\x50\0\0\0\1", 8);
	refused4("\5", 1, "not a request of SOCKS version 4");
	refused4("\4\3", 2, "SOCKS 4: unknown command 3");
	refused4("\4\0", 2, "SOCKS 4: unknown command 0");
	refused4("\4\xff", 2, "SOCKS 4: unknown command 255");
	refused4(bytes, 8 + 256, "SOCKS 4: a user of over 255 bytes");
	bytes[8] = '\0';
	refused4(bytes, 9 + 256, "SOCKS 4a: a name of over 255 bytes");
	refused4("\4\1\0\x50\0\0\0\1\0\0", 10, "SOCKS 4a: an empty name");
}

Test(socks_server, replies_of_version_4)
{
	struct socks_address bound = { .host = "192.0.2.1", .port = 80 };
	char out[SOCKS_MESSAGE_MAX];

	cr_assert_eq(socks4_write_reply(out, true, &bound), 8);
	cr_assert_arr_eq(out, "\0\x5a\0\x50\xc0\0\2\1", 8);
	cr_assert_eq(socks4_write_reply(out, false, NULL), 8);
	cr_assert_arr_eq(out, "\0\x5b\0\0\0\0\0\0", 8);
	bound = (struct socks_address){ .host = "::1", .port = 80 };
	socks4_write_reply(out, true, &bound);
	cr_assert_arr_eq(out, "\0\x5a\0\0\0\0\0\0", 8);
}

Test(socks_server, greetings)
{
	struct failure why = { 0 };
	uint32_t methods = 77;
	size_t used = 0;
	char all[257] = "\5\xff";

	for (int i = 0; i < 255; ++i)
		all[2 + i] = (char)i;
	for (size_t i = 0; i < 257; ++i)
		cr_assert_eq(socks5_parse_greeting(all, i, &methods, &used, &why), IO_AGAIN);
	cr_assert_eq(socks5_parse_greeting(all, 257, &methods, &used, &why), IO_DONE);
	cr_assert(methods == UINT32_MAX && used == 257);
	cr_assert_eq(socks5_parse_greeting("\5\2\x80\2x", 5, &methods, &used, &why), IO_DONE);
	cr_assert(methods == 4 && used == 4);
	cr_assert_eq(socks5_parse_greeting("\5\0", 2, &methods, &used, &why), IO_DONE);
	cr_assert(methods == 0 && used == 2);
	cr_assert_eq(socks5_parse_greeting("\4", 1, &methods, &used, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "not a greeting of SOCKS version 5");
}

static void login_refused(const char *bytes, size_t length)
{
	struct failure why = { 0 };
	char user[SOCKS_NAME_MAX], password[SOCKS_NAME_MAX];
	size_t used;

	cr_assert_eq(socks5_parse_login(bytes, length, user, password, &used, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
}

Test(socks_server, logins)
{
	const char *bytes = "\1\3ann\2pw";
	struct failure why = { 0 };
	char user[SOCKS_NAME_MAX], password[SOCKS_NAME_MAX], longest[1 + 2 * 256];
	size_t used = 0;

	for (size_t i = 0; i < 8; ++i)
		cr_assert_eq(socks5_parse_login(bytes, i, user, password, &used, &why), IO_AGAIN);
	cr_assert_eq(socks5_parse_login(bytes, 8, user, password, &used, &why), IO_DONE);
	cr_assert_eq(used, 8);
	cr_assert_str_eq(user, "ann");
	cr_assert_str_eq(password, "pw");
	memset(longest, 'x', sizeof longest);
	longest[0] = 1;
	longest[1] = longest[257] = (char)255;
	cr_assert_eq(socks5_parse_login(longest, sizeof longest, user, password, &used, &why),
		     IO_DONE);
	cr_assert(used == sizeof longest && strlen(user) == 255 && strlen(password) == 255);
	login_refused("\5", 1);
	login_refused("\1\0", 2);
	login_refused("\1\1a\0", 4);
	login_refused("\1\2a\0\1b", 6);
	login_refused("\1\1a\2b\0", 6);
}

static void request5(const char *bytes, size_t length, enum socks_command expected,
		     const char *host, bool is_name)
{
	struct socks_address to;
	struct failure why = { 0 };
	enum socks_command command;
	size_t used = 0;
	int reply;

	for (size_t i = 0; i < length; ++i)
		cr_assert_eq(socks5_parse_request(bytes, i, &command, &to, &reply, &used, &why),
			     IO_AGAIN);
	cr_assert_eq(socks5_parse_request(bytes, length, &command, &to, &reply, &used, &why),
		     IO_DONE);
	cr_assert(command == expected && used == length && to.port == 80 && to.is_name == is_name);
	cr_assert_str_eq(to.host, host);
}

static void refused5(const char *bytes, size_t length, int expected, const char *message)
{
	struct socks_address to;
	struct failure why = { 0 };
	enum socks_command command;
	size_t used;
	int reply = -1;

	cr_assert_eq(socks5_parse_request(bytes, length, &command, &to, &reply, &used, &why),
		     IO_FAILED);
	cr_assert_eq(reply, expected);
	cr_assert_str_eq(why.text, message);
}

Test(socks_server, requests_of_version_5)
{
	request5("\5\1\0\1\xc0\0\2\1\0\x50", 10, SOCKS_CONNECT, "192.0.2.1", false);
	request5("\5\2\0\3\5a.org\0\x50", 12, SOCKS_BIND, "a.org", true);
	request5("\5\3\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\x50", 22, SOCKS_UDP_ASSOCIATE, "::1",
		 false);
	refused5("\4", 1, SOCKS_FAILED, "SOCKS 5: not a request of this version");
	refused5("\5\0", 2, SOCKS_COMMAND_UNKNOWN, "SOCKS 5: unknown command");
	refused5("\5\4", 2, SOCKS_COMMAND_UNKNOWN, "SOCKS 5: unknown command");
	refused5("\5\xff", 2, SOCKS_COMMAND_UNKNOWN, "SOCKS 5: unknown command");
	refused5("\5\1\0\2", 4, SOCKS_ADDRESS_UNKNOWN, "SOCKS 5: unknown type of address");
	refused5("\5\1\0\3\0", 5, SOCKS_FAILED, "SOCKS 5: a malformed name");
	refused5("\5\1\0\3\2a\0\0\x50", 9, SOCKS_FAILED, "SOCKS 5: a malformed name");
}

Test(socks_server, answers_of_version_5)
{
	struct socks_address bound = { .host = "::1", .port = 80 };
	char out[SOCKS_MESSAGE_MAX];

	cr_assert_eq(socks5_write_choice(out, SOCKS_METHOD_REFUSED), 2);
	cr_assert_arr_eq(out, "\5\xff", 2);
	cr_assert_eq(socks5_write_login_reply(out, true), 2);
	cr_assert_arr_eq(out, "\1\0", 2);
	cr_assert_eq(socks5_write_login_reply(out, false), 2);
	cr_assert_arr_eq(out, "\1\1", 2);
	cr_assert_eq(socks5_write_reply(out, SOCKS_GRANTED, &bound), 22);
	cr_assert_arr_eq(out, "\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\x50", 22);
	cr_assert_eq(socks5_write_reply(out, SOCKS_REFUSED, NULL), 10);
	cr_assert_arr_eq(out, "\5\5\0\1\0\0\0\0\0\0", 10);
	bound = (struct socks_address){ .is_name = true };
	cr_assert_eq(socks5_write_reply(out, SOCKS_GRANTED, &bound), 10);
}
