/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_SOCKS_H
#define SOCKUTIL_STREAM_LAYER_SOCKS_H
/*
 * Through a SOCKS proxy (RFC 1928, 1929; SOCKS 4 and 4a) that listens below: its open asks for the
 * connection, reading not a byte beyond the answer; then everything passes through.
 *
 * Failures of open are FAILURE_PROXY; their text goes on where "the proxy NAME " left off
 * ("refused: connection refused"). error is not 0 where another try may go better.
 */
#include <sockutil/proto/proxy_url.h>
#include <sockutil/proto/socks.h>
#include <sockutil/stream/stream.h>

struct layer_socks_request {
	enum proxy_kind kind; /* one of the SOCKS kinds; SOCKS5 and SOCKS5H are the same here */
	struct socks_address to;
	const char *user, *password; /* NULL: none; version 4 has no password */
};

/* Copies. NULL: FAILURE_PROXY when this version cannot ask for that address, FAILURE_USAGE for a
 * user or password that does not fit; below stays the caller's. */
struct stream *layer_socks_new(struct stream *below, const struct layer_socks_request *request,
			       struct failure *why);
#endif
