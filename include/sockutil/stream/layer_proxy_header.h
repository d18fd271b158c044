/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_PROXY_HEADER_H
#define SOCKUTIL_STREAM_LAYER_PROXY_HEADER_H
/*
 * Takes a PROXY protocol header (proto/proxy_header.h) from the front of an accepted connection, in
 * its open; exactly the header, so that what follows stays in the socket (it is looked at with
 * MSG_PEEK before it is read), and passes everything through afterwards. Stands right over the
 * socket. What it waits for is the caller's to limit in time.
 */
#include <stdbool.h>

#include <sockutil/net/address.h>
#include <sockutil/stream/stream.h>

/* required: a connection without a header fails (FAILURE_PROTOCOL); else it is taken as it is, once
 * its first bytes have told (a client that waits for the server's first word tells nothing). A
 * header that is one and is wrong fails in both cases. */
struct stream *layer_proxy_header_new(struct stream *below, bool required);
/* Once open: the client's address as the header has it, and the address it connected to (NULL: not
 * wanted). False when the header was none or knew none. stack: any stack over such a layer, or
 * without one. */
bool layer_proxy_header_addresses(struct stream *stack, struct address *source,
				  struct address *destination);
#endif
