/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_PUSHBACK_H
#define SOCKUTIL_STREAM_LAYER_PUSHBACK_H
/* Bytes that were read too far, given again before anything new; then the layer passes
 * everything through. */
#include <sockutil/stream/stream.h>

struct stream *layer_pushback_new(struct stream *below);
/* In front of what is already held. False when memory is short. s is a push-back layer. */
bool layer_pushback_unread(struct stream *s, const void *bytes, size_t length);
#endif
