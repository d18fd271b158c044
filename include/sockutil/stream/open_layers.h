/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_OPEN_LAYERS_H
#define SOCKUTIL_STREAM_OPEN_LAYERS_H
/* The layers that the options put over a connection, the same for both roles. */
#include <sockutil/stream/open.h>

/* [throttle], [tap], [preamble] over below; returns the top. local and peer may be NULL. */
struct stream *open_layers_over(struct stream *below, const struct stream_options *options,
				bool client, const struct address *local,
				const struct address *peer);

/* Sets TCP_NODELAY, unless the options say something about it; other sockets than TCP
 * refuse, which is fine. */
void open_layers_no_delay(int fd, const struct stream_options *options);
#endif
