/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_PROXY_HEADER_BINARY_H
#define SOCKUTIL_PROTO_PROXY_HEADER_BINARY_H
/* Version 2 of the PROXY header: a part of proto/proxy_header.h, which calls it. */
#include <sockutil/proto/proxy_header.h>

enum { PROXY_HEADER_SIGNATURE = 12 };
extern const char proxy_header_signature[PROXY_HEADER_SIGNATURE];

/* As proxy_header_parse, of bytes that begin as the signature does; *out is zeroed. */
enum io proxy_header_binary_parse(struct proxy_header *out, const char *bytes, size_t length,
				  struct failure *why);
/* As proxy_header_write; the addresses are NULL or of one family. */
size_t proxy_header_binary_write(char out[static PROXY_HEADER_WRITTEN_MAX],
				 const struct sockaddr *source, const struct sockaddr *destination);
#endif
