/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_TELNET_H
#define SOCKUTIL_STREAM_LAYER_TELNET_H
/* TELNET's commands are taken out of what comes and refused (proto/telnet.h), data that goes out is
 * escaped. The answers go out by themselves; a peer that only asks and never reads is not read any
 * further. */
#include <sockutil/stream/stream.h>

struct stream *layer_telnet_new(struct stream *below);
#endif
