/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_CRLF_H
#define SOCKUTIL_STREAM_LAYER_CRLF_H
/* Every "\n" written becomes "\r\n"; one that already has its "\r", also across two writes,
 * stays as it is. Reading is unchanged. */
#include <sockutil/stream/stream.h>

struct stream *layer_crlf_new(struct stream *below);
#endif
