/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_PREAMBLE_H
#define SOCKUTIL_STREAM_LAYER_PREAMBLE_H
/* Speaks once: bytes sent while the stack opens, before anything else; passes everything through
 * afterwards. */
#include <sockutil/stream/stream.h>

/* Copies bytes. */
struct stream *layer_preamble_new(struct stream *below, const void *bytes, size_t length);
#endif
