/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_PROXY_HEADER_H
#define SOCKUTIL_PROTO_PROXY_HEADER_H
/* The PROXY protocol of HAProxy, versions 1 (text) and 2 (binary): who the client is, said by a
 * proxy before the bytes of the connection. Source: haproxy's doc/proxy-protocol.txt, 2020/03/05.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include <sockutil/base/failure.h>

/* A version 1 line has at most 107 bytes; of version 2 we write no TLVs and take up to this. */
enum { PROXY_HEADER_MAX = 16 + 65535, PROXY_HEADER_WRITTEN_MAX = 16 + 216 };

struct proxy_header {
	bool known; /* false: UNKNOWN, LOCAL, AF_UNSPEC: the connection's own addresses count */
	/* AF_INET, AF_INET6, AF_UNIX; ports included. */
	struct sockaddr_storage source, destination;
	socklen_t source_length, destination_length;
	size_t length; /* bytes of the header: what follows belongs to the connection */
};

/* Whether these first bytes can be the start of a header (of either version): for detect. NO and
 * YES stay what they are whatever comes behind. */
enum proxy_header_start { PROXY_HEADER_NO, PROXY_HEADER_MAYBE, PROXY_HEADER_YES };
enum proxy_header_start proxy_header_starts(const char *bytes, size_t length);

/* A header at the start of length bytes. IO_AGAIN: more is needed. IO_FAILED: FAILURE_PROTOCOL.
 * Strict: one blank between the fields of version 1, no leading zeroes, CR LF at the end; in
 * version 2 the TLVs must end where the header does, and a CRC32C among them must be right. What
 * else they say is skipped. */
enum io proxy_header_parse(struct proxy_header *out, const char *bytes, size_t length,
			   struct failure *why);

/* The header for a connection from source to destination; NULL addresses, families that differ or
 * are neither internet nor Unix, a Unix client without a name: UNKNOWN, LOCAL; version 1 knows no
 * Unix addresses at all. IPv4-mapped IPv6 addresses are written as IPv4. Unix addresses are whole
 * structures, zeroed behind an abstract name. version: 1 or 2. Returns its length. */
size_t proxy_header_write(char out[static PROXY_HEADER_WRITTEN_MAX], int version,
			  const struct sockaddr *source, const struct sockaddr *destination);
#endif
