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

enum {
	HTTP_CHUNK_LINE_MAX = 4096,          /* bytes of a chunk's line, its end included */
	HTTP_CHUNK_TRAILERS_MAX = 16 * 1024, /* of all trailers */
	HTTP_CHUNK_OVERHEAD_MAX = 64 * 1024, /* of framing beyond what the data was worth */
};

/* {0} stands before the first chunk. Only left is for others to read. */
struct http_chunk {
	uint64_t left;   /* bytes of the current chunk not yet taken */
	uint64_t size;   /* of the current chunk, as far as it has been read */
	int state;       /* of the module */
	unsigned digits; /* of the size */
	size_t counted;  /* bytes of the current line, extension included; of all trailers */
	size_t overhead; /* bytes of framing not outweighed by data */
};

/*
 * Reads framing: *used bytes of it stand at the start of bytes. IO_DONE: left > 0 bytes of body
 * follow; the caller takes them, all or in pieces, and calls again when left is 0. IO_AGAIN: all
 * length bytes were framing, more is needed. IO_END: the last chunk and its trailers have been
 * read; what follows belongs to the next message. FAILURE_PROTOCOL: a size that is no number of at
 * most 16 hex digits or overflows 63 bits, a line or trailers over the limit, a trailer that is no
 * field line, a bare CR or LF or another control character, far more framing than data (one-byte
 * chunks with long extensions). Blanks behind a size are let pass: old servers pad with them.
 */
enum io http_chunk_next(struct http_chunk *c, const char *bytes, size_t length, size_t *used,
			struct failure *why);
/* count <= left bytes of the chunk have been taken. */
void http_chunk_taken(struct http_chunk *c, uint64_t count);
#endif
