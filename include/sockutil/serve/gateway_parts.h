/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_GATEWAY_PARTS_H
#define SOCKUTIL_SERVE_GATEWAY_PARTS_H
/* What the files of the gateway share; nobody else includes it. */
#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/proto/http_head.h>
#include <sockutil/proto/http_request_head.h>
#include <sockutil/proto/socks.h>
#include <sockutil/relay/bridge.h>
#include <sockutil/serve/gateway.h>
#include <sockutil/serve/session.h>
#include <sockutil/stream/open.h>

struct gateway_exchange; /* gateway_exchange.h */
struct gateway_bind;     /* gateway_bind.c */
struct gateway_udp;      /* gateway_udp.c */
struct gateway_opening;  /* gateway_target.c */

enum { GATEWAY_NAME_MAX = 32 };

/* Of the process. */
struct gateway_data {
	const struct gateway_options *options;
	char name[GATEWAY_NAME_MAX]; /* "sockutil-k3x9w2": who we are in Via; random, so that a loop
				      * is seen */
	struct tls_context *tls;     /* made on first use, of https proxies on the way */
	unsigned lookups;            /* names of datagrams that are being asked for */
};

/*
 * Of a connection. Invariants: at most one of opening, bridge, exchange, bind, udp is there; target
 * is set while bridge or exchange is. ready and expired are what the handler's calls go to.
 */
struct gateway_state {
	void (*ready)(struct session *session, unsigned sides);
	void (*expired)(struct session *session);
	/* Bytes have come into `in`. True: more of them are needed. */
	bool (*talk)(struct session *session);
	struct buffer in; /* read, not used yet */
	struct http_head_scan scan;
	struct gateway_opening *opening;
	struct stream *target;
	struct bridge *bridge;
	struct gateway_exchange *exchange;
	struct gateway_bind *bind;
	struct gateway_udp *udp;
	uint64_t received_before, sent_before; /* session's counts when bytes began to pass by it */
	struct failure *failure;               /* why the client is about to be reset; owned */
	int64_t abort_ms;                      /* clock_ms(): a reset waits no longer */
	uint8_t socks_version;                 /* 4, 5 */
	uint8_t socks_stage;                   /* of gateway_socks.c */
};

static inline struct gateway_state *gateway_state(struct session *session)
{
	return session_state(session);
}
static inline struct gateway_data *gateway_data(const struct session *session)
{
	return session_data(session);
}

/* ------ gateway.c ------ */

/* The request is taken: no time limit any more, what comes is its data. */
void gateway_begin_work(struct session *session);
/* "127.0.0.1:5000 asks for example.org:443 (CONNECT)", in the log. */
void gateway_say(struct session *session, const char *how, const char *target);

/* ------ gateway_target.c ------ */

/* Whether a client may be connected to that address. */
bool gateway_permits(const struct session *session, const struct address *address);
/* A literal that may not be reached, or a name of this machine: refused before anyone is asked. */
bool gateway_host_permitted(const struct session *session, const char *host);
/* Host and port as an endpoint: a name or literal, port 1-65535. FAILURE_USAGE. */
bool gateway_target(struct endpoint *out, const char *host, int port, struct failure *why);

/* A non-blocking socket that programs do not inherit; -1. */
int gateway_socket(int family, int type);
/* The address of ours (port 0) from which that host is reached, and by which it can reach us.
 * False: there is no way to it. */
bool gateway_own_address(const struct address *host, struct address *out);

/* local: our address of the connection. why NULL: state->target is open. */
typedef void gateway_opened(struct session *session, const struct address *local,
			    const struct failure *why);
/* Dials; opened is called once, from the loop, unless the session ends before. */
void gateway_open(struct session *session, const struct endpoint *target, gateway_opened *opened);
void gateway_open_cancel(struct gateway_opening *opening);
/* What a failure to open means: 403, 502, 504; a SOCKS reply. */
int gateway_http_status(const struct failure *why);
int gateway_socks_reply(const struct failure *why);

/* ------ gateway_tunnel.c ------ */

/* Says that (as a rule the reply that all is well), then joins client and state->target. What is in
 * state->in goes first. */
void gateway_tunnel_start(struct session *session, const void *reply, size_t length);
void gateway_tunnel_count(struct session *session);
void gateway_tunnel_stop(struct session *session);
/* The target was reset: once the client's kernel has all that came before, so is the client. */
void gateway_reset_client(struct session *session, const struct failure *why);

/* ------ gateway_http.c ------ */

bool gateway_http_talk(struct session *session);
void gateway_http_expired(struct session *session);
/* The whole answer of our own, then the end: status, and one line that says why. to_head: without
 * its body. */
void gateway_http_answer(struct session *session, int status, bool to_head, const char *text);

/* ------ gateway_socks.c, gateway_bind.c, gateway_udp.c ------ */

bool gateway_socks_talk(struct session *session);
void gateway_socks_expired(struct session *session);
/* The address as replies have it: without a zone; 0.0.0.0:0 where there is none. */
void gateway_socks_address(struct socks_address *out, const struct address *address);
/* The last reply of a request that failed, and the end. reply: enum socks_reply. */
void gateway_socks_refuse(struct session *session, int reply, const char *reason);
/* A granting reply in out; returns its length. */
size_t gateway_socks_grant(const struct session *session, char out[static SOCKS_MESSAGE_MAX],
			   const struct address *bound);

void gateway_bind_start(struct session *session, const struct socks_address *from);
void gateway_bind_free(struct gateway_bind *bind);
void gateway_udp_start(struct session *session, const struct socks_address *from);
void gateway_udp_free(struct gateway_udp *udp);
#endif
