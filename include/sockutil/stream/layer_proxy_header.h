/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_PROXY_HEADER_H
#define SOCKUTIL_STREAM_LAYER_PROXY_HEADER_H
/*
 * Takes a PROXY protocol header (proto/proxy_header.h) from the front of an accepted connection, in
 * its open; exactly the header, so that what follows stays in the socket where it can (a header of
 * version 1 is looked at with MSG_PEEK), and passes everything through afterwards. Stands right
 * over the socket.
 */
#include <stdbool.h>

#include <sockutil/net/address.h>
#include <sockutil/stream/stream.h>

/* required: a connection without a header fails (FAILURE_PROTOCOL); else it is taken as it is. */
struct stream *layer_proxy_header_new(struct stream *below, bool required);
/* Once open: the client's address as the header has it, and the address it connected to (NULL: not
 * wanted). False when the header was none or knew none. stack: any stack over such a layer. */
bool layer_proxy_header_addresses(struct stream *stack, struct address *source,
				  struct address *destination);
#endif
