/* SPDX-License-Identifier: MIT */
/* SOCKS as a server takes it. */
#include <string.h>

#include <sockutil/proto/socks_address.h>

/* ------ version 4 ------ */

enum { V4_FRONT = 8 /* version, command, port, address */, V4_GRANTED = 90, V4_REFUSED = 91 };

/* A text up to a NUL, shorter than limit with it. */
static enum io text_at(const char *bytes, size_t length, size_t limit, size_t *text_length)
{
	const char *nul = memchr(bytes, '\0', length < limit ? length : limit);

	if (nul) {
		*text_length = (size_t)(nul - bytes);
		return IO_DONE;
	}
	return length < limit ? IO_AGAIN : IO_FAILED;
}

/* 0.0.0.x with another x than 0: a name comes behind the user (SOCKS 4a). */
static bool named(const char *address)
{
	return address[0] == 0 && address[1] == 0 && address[2] == 0 && address[3] != 0;
}

static enum io parse_v4_name(const char *bytes, size_t length, struct socks_address *to,
			     size_t *used, struct failure *why)
{
	size_t name;
	const enum io r = text_at(bytes, length, SOCKS_HOST_MAX, &name);

	if (r == IO_AGAIN)
		return r;
	if (r == IO_FAILED)
		return fail(why, FAILURE_PROTOCOL, "SOCKS 4a: a name of over 255 bytes");
	if (!socks_address_name(to, bytes, name))
		return fail(why, FAILURE_PROTOCOL, "SOCKS 4a: an empty name");
	*used += name + 1;
	return IO_DONE;
}

enum io socks4_parse_request(const char *bytes, size_t length, enum socks_command *command,
			     struct socks_address *to, char user[static SOCKS_NAME_MAX],
			     size_t *used, struct failure *why)
{
	size_t user_length;
	enum io r;

	if (length > 0 && bytes[0] != 4)
		return fail(why, FAILURE_PROTOCOL, "not a request of SOCKS version 4");
	if (length > 1 && bytes[1] != SOCKS_CONNECT && bytes[1] != SOCKS_BIND)
		return fail(why, FAILURE_PROTOCOL, "SOCKS 4: unknown command %d",
			    (unsigned char)bytes[1]);
	if (length < V4_FRONT)
		return IO_AGAIN;
	r = text_at(bytes + V4_FRONT, length - V4_FRONT, SOCKS_NAME_MAX, &user_length);
	if (r == IO_FAILED)
		return fail(why, FAILURE_PROTOCOL, "SOCKS 4: a user of over 255 bytes");
	if (r == IO_AGAIN)
		return r;
	*command = (enum socks_command)bytes[1];
	memcpy(user, bytes + V4_FRONT, user_length + 1);
	*used = V4_FRONT + user_length + 1;
	socks_address_parse_v4(bytes + 2, to);
	return named(bytes + 4) ? parse_v4_name(bytes + *used, length - *used, to, used, why)
				: IO_DONE;
}

size_t socks4_write_reply(char out[static SOCKS_MESSAGE_MAX], bool granted,
			  const struct socks_address *bound)
{
	memset(out, 0, V4_FRONT);
	out[1] = granted ? V4_GRANTED : V4_REFUSED;
	if (bound && !socks_address_write_v4(out + 2, bound))
		memset(out + 2, 0, V4_FRONT - 2);
	return V4_FRONT;
}

/* ------ version 5 ------ */

enum io socks5_parse_greeting(const char *bytes, size_t length, uint32_t *methods, size_t *used,
			      struct failure *why)
{
	size_t count;

	if (length > 0 && bytes[0] != 5)
		return fail(why, FAILURE_PROTOCOL, "not a greeting of SOCKS version 5");
	if (length < 2)
		return IO_AGAIN;
	count = (unsigned char)bytes[1];
	if (length < 2 + count)
		return IO_AGAIN;
	*methods = 0;
	for (size_t i = 0; i < count; ++i) {
		const unsigned method = (unsigned char)bytes[2 + i];

		if (method < 32)
			*methods |= (uint32_t)1 << method;
	}
	*used = 2 + count;
	return IO_DONE;
}

size_t socks5_write_choice(char out[static SOCKS_MESSAGE_MAX], int method)
{
	out[0] = 5;
	out[1] = (char)(unsigned char)method;
	return 2;
}

/* A length and so many bytes, none of them a NUL, 1 at least. */
static enum io counted_at(const char *bytes, size_t length, char out[static SOCKS_NAME_MAX],
			  size_t *used)
{
	size_t count;

	if (length == 0)
		return IO_AGAIN;
	count = (unsigned char)bytes[0];
	if (count == 0)
		return IO_FAILED;
	if (length < 1 + count)
		return IO_AGAIN;
	if (memchr(bytes + 1, '\0', count))
		return IO_FAILED;
	memcpy(out, bytes + 1, count);
	out[count] = '\0';
	*used += 1 + count;
	return IO_DONE;
}

enum io socks5_parse_login(const char *bytes, size_t length, char user[static SOCKS_NAME_MAX],
			   char password[static SOCKS_NAME_MAX], size_t *used, struct failure *why)
{
	size_t at = 1;
	enum io r;

	if (length > 0 && bytes[0] != 1)
		return fail(why, FAILURE_PROTOCOL, "SOCKS 5: not a user and password (RFC 1929)");
	if (length < 2)
		return IO_AGAIN;
	r = counted_at(bytes + at, length - at, user, &at);
	if (r == IO_DONE)
		r = counted_at(bytes + at, length - at, password, &at);
	if (r == IO_FAILED)
		return fail(why, FAILURE_PROTOCOL,
			    "SOCKS 5: a user or password that is empty or has a NUL in it");
	if (r == IO_DONE)
		*used = at;
	return r;
}

size_t socks5_write_login_reply(char out[static SOCKS_MESSAGE_MAX], bool accepted)
{
	out[0] = 1;
	out[1] = accepted ? 0 : 1;
	return 2;
}

static enum io refuse(int *reply, int code, struct failure *why, const char *text)
{
	*reply = code;
	return fail(why, FAILURE_PROTOCOL, "SOCKS 5: %s", text);
}

enum io socks5_parse_request(const char *bytes, size_t length, enum socks_command *command,
			     struct socks_address *to, int *reply, size_t *used,
			     struct failure *why)
{
	size_t address;
	bool known;
	enum io r;

	if (length > 0 && bytes[0] != 5)
		return refuse(reply, SOCKS_FAILED, why, "not a request of this version");
	if (length > 1 && (bytes[1] < SOCKS_CONNECT || bytes[1] > SOCKS_UDP_ASSOCIATE))
		return refuse(reply, SOCKS_COMMAND_UNKNOWN, why, "unknown command");
	if (length < 4)
		return IO_AGAIN;
	r = socks_address_parse(bytes + 3, length - 3, to, &address, &known);
	if (r == IO_FAILED && !known)
		return refuse(reply, SOCKS_ADDRESS_UNKNOWN, why, "unknown type of address");
	if (r == IO_FAILED)
		return refuse(reply, SOCKS_FAILED, why, "a malformed name");
	if (r != IO_DONE)
		return r;
	*command = (enum socks_command)bytes[1];
	*used = 3 + address;
	return IO_DONE;
}

size_t socks5_write_reply(char out[static SOCKS_MESSAGE_MAX], int reply,
			  const struct socks_address *bound)
{
	size_t length = socks_address_write(out + 3, bound);

	if (length == 0)
		length = socks_address_write(out + 3, NULL);
	out[0] = 5;
	out[1] = (char)(unsigned char)reply;
	out[2] = 0;
	return 3 + length;
}
