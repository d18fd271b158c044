/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_GATEWAY_HEADS_H
#define SOCKUTIL_SERVE_GATEWAY_HEADS_H
/*
 * Heads of HTTP messages as a proxy sends them on (RFC 9110, 7.6; RFC 9112, 3.2). Pure: a parsed
 * head in, bytes out. Fields of the one connection stay behind: Connection and what it names,
 * Keep-Alive, Proxy-Connection, TE, Trailer, Transfer-Encoding, Upgrade, HTTP2-Settings, and what
 * is between client and proxy, Proxy-Authorization and its like. Framing, Host, Via and
 * Connection are written anew.
 */
#include <stdbool.h>

#include <sockutil/base/buffer.h>
#include <sockutil/proto/http_framing.h>
#include <sockutil/proto/http_request_head.h>
#include <sockutil/proto/url.h>

/* Names that a Connection field may list; with more a head is refused. */
enum { GATEWAY_HEADS_NAMED_MAX = 64 };

/* Appends the request in origin form ("*" for OPTIONS without a path). via is our name there. False
 * when memory is short or too much is named. Max-Forwards of an OPTIONS request goes down by one.
 */
bool gateway_heads_request(struct buffer *out, const struct http_request_head *request,
			   const struct http_framing *framing, const struct url *url,
			   const char *via);
/* Appends the response. plain: to a client of HTTP/1.0, which gets chunks unwrapped. Interim ones
 * (1xx) have no Connection field. */
bool gateway_heads_response(struct buffer *out, const struct http_head *head,
			    const struct http_framing *framing, const char *via, bool plain);

/* The message has come by us before: via is in its Via fields. */
bool gateway_heads_looped(const struct http_head *head, const char *via);
/* Max-Forwards is 0: who gets the request answers it. */
bool gateway_heads_last(const struct http_head *head);
#endif
