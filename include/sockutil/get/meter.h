/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_METER_H
#define SOCKUTIL_GET_METER_H
/*
 * The last stretch of a body before it is written: counts its bytes, holds them to a limit, and
 * adds them to a digest. Without a digest bytes may pass it inside the kernel.
 */
#include <stdint.h>

#include <sockutil/base/digest.h>
#include <sockutil/stream/stream.h>

struct meter {
	struct stream stream; /* below: the source, borrowed: never stream_free() */
	uint64_t count;       /* bytes that passed */
	uint64_t most;        /* one more is FAILURE_SIZE; UINT64_MAX: no limit */
	uint64_t limit;       /* as the message names it */
	uint64_t stop; /* the body ends there for us, whatever follows; UINT64_MAX: nowhere */
	struct digest *digest; /* borrowed; NULL: none */
};

/* held: bytes that were there before and count towards max_size (0: no limit). */
void meter_init(struct meter *m, struct stream *below, uint64_t held, uint64_t max_size,
		struct digest *digest);
#endif
