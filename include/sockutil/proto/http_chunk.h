/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_CHUNK_H
#define SOCKUTIL_PROTO_HTTP_CHUNK_H
/*
 * The chunked transfer coding (RFC 9112, 7.1), framing only: the caller moves the bytes of a chunk
 * itself, by copy or inside the kernel.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>

enum { HTTP_CHUNK_LINE_MAX = 4096, HTTP_CHUNK_TRAILERS_MAX = 16 * 1024 };

/* {0} stands before the first chunk. */
struct http_chunk {
	uint64_t left;        /* bytes of the current chunk not yet taken */
	int state;            /* of the module */
	size_t counted;       /* bytes of the current line, extension included; of all trailers */
	unsigned digits;      /* of the size */
	bool carriage_return; /* the last byte was one */
};

/*
 * Reads framing: *used bytes of it stand at the start of bytes. IO_DONE: left > 0 bytes of body
 * follow; the caller takes them, all or in pieces, and calls again when left is 0. IO_AGAIN: all
 * length bytes were framing, more is needed. IO_END: the last chunk and its trailers have been
 * read; what follows belongs to the next message. FAILURE_PROTOCOL: a size that is no number of at
 * most 16 hex digits or overflows 63 bits, a line or trailers over the limit, a bare CR or LF where
 * none may be.
 */
enum io http_chunk_next(struct http_chunk *c, const char *bytes, size_t length, size_t *used,
			struct failure *why);
/* count <= left bytes of the chunk have been taken. */
void http_chunk_taken(struct http_chunk *c, uint64_t count);
#endif
