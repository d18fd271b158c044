/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_INSPECT_H
#define SOCKUTIL_STREAM_TLS_INSPECT_H
/* What a finished handshake agreed on: for --info and --show-cert. */
#include <sockutil/stream/tls.h>

struct layer_tls;

/* See struct tls_api. s is a TLS layer whose open is done. */
void inspect_info(struct stream *s, struct tls_info *out);
bool inspect_chain(struct stream *s, struct buffer *out);
void inspect_free(struct layer_tls *layer);
#endif
