/* SPDX-License-Identifier: MIT */
#ifndef TLS_MEMORY_H
#define TLS_MEMORY_H
/*
 * Two ends of a connection in memory. Each direction is a queue with a window (how much may be
 * in flight) and a piece (how much one call moves at most), so that every byte boundary can be
 * visited without a kernel.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>
#include <sockutil/stream/stream.h>

struct tls_memory_way {
	struct buffer bytes;
	size_t window;   /* writing says IO_AGAIN beyond it */
	size_t piece;    /* at most this many bytes a call; 0: no limit */
	size_t total;    /* bytes that went this way */
	unsigned writes; /* calls that moved bytes */
	unsigned reads;  /* the same for reading */
	unsigned asked;  /* calls to read, also those that gave nothing */
	long behind;     /* bytes that the writer's kernel says are not acknowledged */
	bool ended;      /* the writer said end */
	bool unsettled;  /* the peer has not acknowledged all */
	bool lost;       /* reading fails once empty, writing at once */
};

struct tls_memory_end {
	struct stream stream;
	struct tls_memory_way *in;
	struct tls_memory_way *out;
};

struct tls_memory {
	struct tls_memory_way way[2]; /* [0]: a to b */
	struct tls_memory_end a, b;
};

/* window 1 MiB, no piece limit. The ends are part of m: their free does nothing. */
void tls_memory_init(struct tls_memory *m);
void tls_memory_free(struct tls_memory *m);
#endif
