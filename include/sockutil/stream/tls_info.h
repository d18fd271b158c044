/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_INFO_H
#define SOCKUTIL_STREAM_TLS_INFO_H
/* What a handshake agreed on, for --info json. */
#include <sockutil/base/buffer.h>
#include <sockutil/stream/tls.h>

/* Appends "tls":{…}, null where there was no TLS. False when memory is short. */
bool tls_info_json(struct buffer *out, const struct tls_info *tls);
#endif
