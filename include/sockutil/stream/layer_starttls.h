/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_STARTTLS_H
#define SOCKUTIL_STREAM_LAYER_STARTTLS_H
/* Speaks once: asks the server for TLS in its protocol's words (proto/starttls.h) while the stack
 * opens; passes everything through afterwards. The TLS layer stands right over it. */
#include <sockutil/proto/starttls.h>
#include <sockutil/stream/stream.h>

/* host: whom we talk to, for protocols that want its name; copied. */
struct stream *layer_starttls_new(struct stream *below, enum starttls_protocol protocol,
				  const char *host);
#endif
