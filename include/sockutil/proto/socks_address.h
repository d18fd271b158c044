/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_SOCKS_ADDRESS_H
#define SOCKUTIL_PROTO_SOCKS_ADDRESS_H
/* Addresses inside messages: for the files of proto/socks alone. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/socks.h>

/* What the protocol has before an address: RFC 1928, 4 and 5. */
enum socks_address_type { SOCKS_TYPE_V4 = 1, SOCKS_TYPE_NAME = 3, SOCKS_TYPE_V6 = 4 };

/* Room for every address of version 5: type, length, name, port. */
enum { SOCKS_ADDRESS_MAX = 1 + 1 + 255 + 2 };

/* Type, address and port. NULL is 0.0.0.0:0. Returns the bytes written; 0: a literal that is none,
 * a port out of range, an empty name or one over 255 bytes. */
size_t socks_address_write(char out[static SOCKS_ADDRESS_MAX], const struct socks_address *address);
/* IO_FAILED without a text: *known tells whether the type was, and it is the name that is wrong
 * (empty, or with a NUL in it). */
enum io socks_address_parse(const char *bytes, size_t length, struct socks_address *out,
			    size_t *used, bool *known);

/* Four bytes and a port as version 4 has them (the port first). False: it is no IPv4 address. */
bool socks_address_write_v4(char port_and_address[static 6], const struct socks_address *address);
void socks_address_parse_v4(const char port_and_address[static 6], struct socks_address *out);

/* The text becomes the host, a literal or a name. False: empty, a NUL in it, or too long. */
bool socks_address_name(struct socks_address *out, const char *text, size_t length);
#endif
