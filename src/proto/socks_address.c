/* SPDX-License-Identifier: MIT */
/* Addresses inside SOCKS messages. */
#include <arpa/inet.h>
#include <string.h>

#include <sockutil/proto/socks_address.h>

enum { V4_LENGTH = 4, V6_LENGTH = 16, PORT_LENGTH = 2 };

static bool is_literal(const char *host)
{
	unsigned char bytes[V6_LENGTH];

	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static void put_port(char out[static PORT_LENGTH], int port)
{
	out[0] = (char)(unsigned char)(port >> 8 & 0xff);
	out[1] = (char)(unsigned char)(port & 0xff);
}

static int port_at(const char bytes[static PORT_LENGTH])
{
	return (unsigned char)bytes[0] << 8 | (unsigned char)bytes[1];
}

bool socks_address_name(struct socks_address *out, const char *text, size_t length)
{
	if (length == 0 || length >= sizeof(out->host) || memchr(text, '\0', length))
		return false;
	memcpy(out->host, text, length);
	out->host[length] = '\0';
	/* Some clients send a literal as a name: it is judged as what it is. */
	out->is_name = !is_literal(out->host);
	return true;
}

/* ------ version 5 ------ */

static size_t write_host(char *out, const struct socks_address *address)
{
	const size_t length = strnlen(address->host, sizeof(address->host));

	if (address->is_name) {
		if (length == 0 || length > 255)
			return 0;
		out[0] = SOCKS_TYPE_NAME;
		out[1] = (char)(unsigned char)length;
		memcpy(out + 2, address->host, length);
		return 2 + length;
	}
	if (inet_pton(AF_INET, address->host, out + 1) == 1) {
		out[0] = SOCKS_TYPE_V4;
		return 1 + V4_LENGTH;
	}
	if (inet_pton(AF_INET6, address->host, out + 1) == 1) {
		out[0] = SOCKS_TYPE_V6;
		return 1 + V6_LENGTH;
	}
	return 0;
}

size_t socks_address_write(char out[static SOCKS_ADDRESS_MAX], const struct socks_address *address)
{
	static const struct socks_address none = { .host = "0.0.0.0" };
	size_t length;

	if (!address)
		address = &none;
	if (address->port < 0 || address->port > 65535)
		return 0;
	length = write_host(out, address);
	if (length == 0)
		return 0;
	put_port(out + length, address->port);
	return length + PORT_LENGTH;
}

/* Bytes of the address behind the type, without the port; -1: an unknown type. */
static int host_length(const char *bytes, size_t length)
{
	switch (bytes[0]) {
	case SOCKS_TYPE_V4:
		return V4_LENGTH;
	case SOCKS_TYPE_V6:
		return V6_LENGTH;
	case SOCKS_TYPE_NAME:
		return length < 2 ? 1 : 1 + (unsigned char)bytes[1];
	default:
		return -1;
	}
}

enum io socks_address_parse(const char *bytes, size_t length, struct socks_address *out,
			    size_t *used, bool *known)
{
	int host;

	*out = (struct socks_address){ .port = 0 };
	*known = true;
	if (length == 0)
		return IO_AGAIN;
	host = host_length(bytes, length);
	*known = host >= 0;
	if (!*known)
		return IO_FAILED;
	if (bytes[0] == SOCKS_TYPE_NAME && length >= 2 && bytes[1] == 0)
		return IO_FAILED;
	if (length < 1 + (size_t)host + PORT_LENGTH)
		return IO_AGAIN;
	if (bytes[0] == SOCKS_TYPE_NAME) {
		if (!socks_address_name(out, bytes + 2, (size_t)host - 1))
			return IO_FAILED;
	} else {
		inet_ntop(bytes[0] == SOCKS_TYPE_V4 ? AF_INET : AF_INET6, bytes + 1, out->host,
			  sizeof(out->host));
	}
	out->port = port_at(bytes + 1 + host);
	*used = 1 + (size_t)host + PORT_LENGTH;
	return IO_DONE;
}

/* ------ version 4 ------ */

bool socks_address_write_v4(char out[static 6], const struct socks_address *address)
{
	if (address->is_name || address->port < 0 || address->port > 65535 ||
	    inet_pton(AF_INET, address->host, out + PORT_LENGTH) != 1)
		return false;
	put_port(out, address->port);
	return true;
}

void socks_address_parse_v4(const char bytes[static 6], struct socks_address *out)
{
	*out = (struct socks_address){ .port = port_at(bytes) };
	inet_ntop(AF_INET, bytes + PORT_LENGTH, out->host, sizeof(out->host));
}
