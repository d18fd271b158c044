/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_TRANSFER_H
#define SOCKUTIL_GET_TRANSFER_H
/*
 * One URL to its end: requests, authentication, redirects, tries, continuing, until its body is
 * whole where it belongs, or a failure says why not.
 */
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/get/options.h>
#include <sockutil/get/output.h>
#include <sockutil/http/pool.h>
#include <sockutil/proto/url.h>

/* What is told of a transfer; all strings live as long as it. Times are clock_us() differences to
 * its start, -1: did not happen. */
struct transfer_hop {
	const char *url;
	const char *method;
	int status;  /* 0: no response */
	int major;   /* of HTTP */
	bool reused; /* on a connection that was open already */
	int64_t started_us, resolved_us, connected_us, proxy_us, tls_us, sent_us, first_byte_us,
		ended_us;
	const char *peer;    /* address, "" unknown */
	struct tls_info tls; /* zeroed without TLS; its strings are copies */
};

struct transfer_report {
	const char *url;  /* as it was given */
	const char *file; /* where it went; NULL: nowhere */
	const struct transfer_hop *hops;
	size_t hop_count;
	unsigned tries;
	bool total_known;
	uint64_t total;           /* bytes of the whole body, as stored, when known */
	uint64_t done, resumed;   /* bytes in place, of them from an earlier run or try */
	uint64_t transferred;     /* body bytes from the network, before decoding */
	const char *content_type; /* "" none */
	bool unchanged;           /* 304: the file that is there is current */
	bool complete_before;     /* -C, and nothing was missing */
	const char *kept;         /* a part that can be continued; NULL */
	struct failure failure;
};

struct transfer;

struct transfer_events {
	void (*attempt_failed)(void *data, const char *address, const char *reason);
	void (*retrying)(void *data, const struct failure *why, int64_t wait_ms);
	void (*redirected)(void *data, int status, const char *url);
	/* For -v, never fatal: a refused cookie and the like. */
	void (*noticed)(void *data, const char *text);
	/* --trace: see http/exchange.h. NULL: not wanted. */
	void (*trace)(void *data, bool sent, const char *bytes, size_t length);
	/* Once, from the loop; the transfer can be freed inside it. */
	void (*done)(void *data, struct transfer *t);
	void *data;
};

/* url is copied. Never NULL. */
struct transfer *transfer_start(struct ev_loop *loop, struct http_pool *pool,
				const struct get_options *options,
				const struct output_options *output, const char *url,
				const struct transfer_events *events);
/* At any time; valid until the next turn of the loop. */
const struct transfer_report *transfer_report(struct transfer *t);
/* Ends it as by a failure (a signal, --max-time of all): what can be continued is kept. done is not
 * called. */
void transfer_stop(struct transfer *t, const struct failure *why);
void transfer_free(struct transfer *t);
#endif
