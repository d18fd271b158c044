/* SPDX-License-Identifier: MIT */
/* SOCKS as a client says it. */
#include <string.h>

#include <sockutil/proto/socks_address.h>

/* ------ version 4 ------ */

enum { V4_REPLY_LENGTH = 8 };

size_t socks4_write_request(char out[static SOCKS_MESSAGE_MAX], enum socks_command command,
			    const struct socks_address *to, const char *user, bool a_form)
{
	/* 0.0.0.1: the name follows. */
	static const struct socks_address named = { .host = "0.0.0.1" };
	struct socks_address address = to->is_name ? named : *to;
	const size_t user_length = strlen(user);
	const size_t host_length = to->is_name ? strnlen(to->host, sizeof(to->host)) : 0;
	size_t length = V4_REPLY_LENGTH;

	address.port = to->port;
	if (user_length >= SOCKS_NAME_MAX || host_length >= sizeof(to->host) ||
	    (to->is_name && (!a_form || host_length == 0)) ||
	    !socks_address_write_v4(out + 2, &address))
		return 0;
	out[0] = 4;
	out[1] = (char)command;
	memcpy(out + length, user, user_length + 1);
	length += user_length + 1;
	if (to->is_name) {
		memcpy(out + length, to->host, host_length + 1);
		length += host_length + 1;
	}
	return length;
}

enum io socks4_parse_reply(const char *bytes, size_t length, int *code, struct socks_address *bound,
			   size_t *used, struct failure *why)
{
	if (length > 0 && bytes[0] != 0)
		return fail(why, FAILURE_PROTOCOL, "its answer is not of SOCKS version 4");
	if (length < V4_REPLY_LENGTH)
		return IO_AGAIN;
	*code = (unsigned char)bytes[1];
	socks_address_parse_v4(bytes + 2, bound);
	*used = V4_REPLY_LENGTH;
	return IO_DONE;
}

/* ------ version 5 ------ */

size_t socks5_write_greeting(char out[static SOCKS_MESSAGE_MAX], bool with_password)
{
	out[0] = 5;
	out[1] = with_password ? 2 : 1;
	out[2] = SOCKS_METHOD_NONE;
	out[3] = SOCKS_METHOD_PASSWORD;
	return with_password ? 4 : 3;
}

enum io socks5_parse_choice(const char *bytes, size_t length, int *method, size_t *used,
			    struct failure *why)
{
	if (length > 0 && bytes[0] != 5)
		return fail(why, FAILURE_PROTOCOL, "its answer is not of SOCKS version 5");
	if (length < 2)
		return IO_AGAIN;
	*method = (unsigned char)bytes[1];
	*used = 2;
	return IO_DONE;
}

static size_t write_counted(char *out, const char *text, size_t length)
{
	out[0] = (char)(unsigned char)length;
	memcpy(out + 1, text, length);
	return 1 + length;
}

size_t socks5_write_login(char out[static SOCKS_MESSAGE_MAX], const char *user,
			  const char *password)
{
	const size_t user_length = strlen(user), password_length = strlen(password);
	size_t length = 1;

	if (user_length == 0 || user_length > 255 || password_length == 0 || password_length > 255)
		return 0;
	out[0] = 1;
	length += write_counted(out + length, user, user_length);
	length += write_counted(out + length, password, password_length);
	return length;
}

enum io socks5_parse_login_reply(const char *bytes, size_t length, bool *accepted, size_t *used,
				 struct failure *why)
{
	/* Some servers put the 5 of SOCKS here instead of the 1 of RFC 1929. */
	if (length > 0 && bytes[0] != 1 && bytes[0] != 5)
		return fail(why, FAILURE_PROTOCOL, "its answer to the password is malformed");
	if (length < 2)
		return IO_AGAIN;
	*accepted = bytes[1] == 0;
	*used = 2;
	return IO_DONE;
}

size_t socks5_write_request(char out[static SOCKS_MESSAGE_MAX], enum socks_command command,
			    const struct socks_address *to)
{
	const size_t length = socks_address_write(out + 3, to);

	out[0] = 5;
	out[1] = (char)command;
	out[2] = 0;
	return length > 0 ? 3 + length : 0;
}

enum io socks5_parse_reply(const char *bytes, size_t length, int *reply,
			   struct socks_address *bound, size_t *used, struct failure *why)
{
	size_t address;
	bool known;
	enum io r;

	*bound = (struct socks_address){ .port = 0 };
	if (length > 0 && bytes[0] != 5)
		return fail(why, FAILURE_PROTOCOL, "its answer is not of SOCKS version 5");
	if (length < 2)
		return IO_AGAIN;
	*reply = (unsigned char)bytes[1];
	*used = 2;
	/* A refusal is told though the rest of it may be missing or nonsense. */
	if (*reply != SOCKS_GRANTED)
		return IO_DONE;
	if (length < 3)
		return IO_AGAIN;
	r = socks_address_parse(bytes + 3, length - 3, bound, &address, &known);
	if (r == IO_FAILED)
		return fail(why, FAILURE_PROTOCOL, "its answer has %s",
			    known ? "a malformed name" : "an unknown type of address");
	if (r == IO_DONE)
		*used = 3 + address;
	return r;
}
