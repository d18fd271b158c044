/* SPDX-License-Identifier: MIT */
/* fuzz_socks.c - SOCKS, both sides: no byte behind the message is touched or needed, any prefix of
 * a message is awaited, and what was understood is written again as the same bytes. */
#include "fuzz.h"

#include <sockutil/proto/socks.h>

static void check_address(const struct socks_address *address)
{
	fuzz_check(memchr(address->host, '\0', sizeof address->host) != NULL);
	fuzz_check(address->port >= 0 && address->port <= 65535);
	fuzz_check(address->host[0] != '\0');
}

static void check_failure(const struct failure *why)
{
	fuzz_check(why->class == FAILURE_PROTOCOL && *why->text);
}

/* One of the parsers: what it says of length bytes. */
typedef enum io parser(const char *bytes, size_t length, size_t *used, struct failure *why);

static enum io reply4(const char *bytes, size_t length, size_t *used, struct failure *why)
{
	struct socks_address bound;
	int code;
	const enum io r = socks4_parse_reply(bytes, length, &code, &bound, used, why);

	if (r == IO_DONE)
		check_address(&bound);
	return r;
}

static enum io choice(const char *bytes, size_t length, size_t *used, struct failure *why)
{
	int method;

	return socks5_parse_choice(bytes, length, &method, used, why);
}

static enum io login_reply(const char *bytes, size_t length, size_t *used, struct failure *why)
{
	bool accepted;

	return socks5_parse_login_reply(bytes, length, &accepted, used, why);
}

static enum io reply5(const char *bytes, size_t length, size_t *used, struct failure *why)
{
	struct socks_address bound;
	int reply;
	const enum io r = socks5_parse_reply(bytes, length, &reply, &bound, used, why);

	if (r == IO_DONE && reply == SOCKS_GRANTED)
		check_address(&bound);
	return r;
}

static enum io request4(const char *bytes, size_t length, size_t *used, struct failure *why)
{
	struct socks_address to;
	enum socks_command command;
	char user[SOCKS_NAME_MAX], out[SOCKS_MESSAGE_MAX];
	const enum io r = socks4_parse_request(bytes, length, &command, &to, user, used, why);

	if (r != IO_DONE)
		return r;
	check_address(&to);
	fuzz_check(command == SOCKS_CONNECT || command == SOCKS_BIND);
	/* Literals may have come as names, and 0.0.0.x becomes 0.0.0.1. */
	if (to.is_name) {
		fuzz_check(socks4_write_request(out, command, &to, user, true) == *used);
		out[7] = bytes[7];
		fuzz_check(memcmp(out, bytes, *used) == 0);
	}
	return r;
}

static enum io greeting(const char *bytes, size_t length, size_t *used, struct failure *why)
{
	uint32_t methods;

	return socks5_parse_greeting(bytes, length, &methods, used, why);
}

static enum io login(const char *bytes, size_t length, size_t *used, struct failure *why)
{
	char user[SOCKS_NAME_MAX], password[SOCKS_NAME_MAX], out[SOCKS_MESSAGE_MAX];
	const enum io r = socks5_parse_login(bytes, length, user, password, used, why);

	if (r != IO_DONE)
		return r;
	fuzz_check(socks5_write_login(out, user, password) == *used);
	fuzz_check(memcmp(out, bytes, *used) == 0);
	return r;
}

static enum io request5(const char *bytes, size_t length, size_t *used, struct failure *why)
{
	struct socks_address to;
	enum socks_command command;
	int reply = -1;
	char out[SOCKS_MESSAGE_MAX];
	const enum io r = socks5_parse_request(bytes, length, &command, &to, &reply, used, why);

	if (r == IO_FAILED)
		fuzz_check(reply == SOCKS_FAILED || reply == SOCKS_COMMAND_UNKNOWN ||
			   reply == SOCKS_ADDRESS_UNKNOWN);
	if (r != IO_DONE)
		return r;
	check_address(&to);
	if (to.is_name || bytes[3] != 3) {
		fuzz_check(socks5_write_request(out, command, &to) == *used);
		out[2] = bytes[2];
		fuzz_check(memcmp(out, bytes, *used) == 0);
	}
	return r;
}

static parser *const parsers[] = {
	reply4, choice, login_reply, reply5, request4, greeting, login, request5,
};

/* Each length in memory of its own, so that a sanitizer sees a step over its end. */
static enum io at_length(parser *parse, const uint8_t *data, size_t length, size_t *used)
{
	char *bytes = fuzz_text(data, length);
	char *exact = malloc(length ? length : 1);
	struct failure why = { 0 };
	enum io r;

	fuzz_check(exact != NULL);
	memcpy(exact, bytes, length);
	r = parse(exact, length, used, &why);
	fuzz_check(r == IO_DONE || r == IO_AGAIN || r == IO_FAILED);
	if (r == IO_FAILED)
		check_failure(&why);
	free(exact);
	free(bytes);
	return r;
}

static void check_parser(parser *parse, const uint8_t *data, size_t size)
{
	size_t used = 0, again = 0;
	enum io r = IO_AGAIN;

	if (size > SOCKS_MESSAGE_MAX)
		size = SOCKS_MESSAGE_MAX;
	for (size_t length = 0; length <= size && r == IO_AGAIN; ++length)
		r = at_length(parse, data, length, &used);
	/* Enough is enough, and more behind it changes nothing. */
	fuzz_check(r != IO_AGAIN || size < SOCKS_MESSAGE_MAX);
	fuzz_check(at_length(parse, data, size, &again) == r);
	if (r == IO_DONE)
		fuzz_check(used > 0 && used <= size && again == used);
}

static void check_datagram(const uint8_t *data, size_t size)
{
	struct socks_address to;
	char out[SOCKS_MESSAGE_MAX], *bytes = fuzz_text(data, size);
	size_t used = 0;

	if (socks5_parse_datagram(bytes, size, &to, &used)) {
		check_address(&to);
		fuzz_check(used <= size && bytes[2] == 0);
		if (to.is_name || bytes[3] != 3) {
			fuzz_check(socks5_write_datagram(out, &to) == used);
			fuzz_check(memcmp(out, bytes, used) == 0);
		}
	}
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < sizeof parsers / sizeof *parsers; ++i)
		check_parser(parsers[i], data, size);
	check_datagram(data, size);
	return 0;
}
