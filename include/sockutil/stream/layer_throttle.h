/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_THROTTLE_H
#define SOCKUTIL_STREAM_LAYER_THROTTLE_H
/* --limit-rate: a token bucket for each direction; a burst is at most what 250 ms bring (at
 * least one byte). Waits with STREAM_WANT_TIME. */
#include <sockutil/stream/stream.h>

/* Bytes a second, 0: no limit for that direction. clock is clock_us (a played one in tests). */
struct stream *layer_throttle_new(struct stream *below, uint64_t read_rate, uint64_t write_rate,
				  int64_t (*clock)(void));
#endif
