/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_DIAL_H
#define SOCKUTIL_NET_DIAL_H
/*
 * A connected socket to an endpoint: names resolved, addresses raced (Happy Eyeballs v2, RFC
 * 8305: families interleaved, IPv6 first, 50 ms resolution delay, 250 ms between attempts, at
 * once after a failure), the first to connect wins.
 */
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/net/sockopt.h>

/* Local side and socket options that every dial and listen shares (CLI.md: family, local side,
 * socket). */
struct net_options {
	int family;            /* AF_UNSPEC, AF_INET (-4), AF_INET6 (-6) */
	const char *source;    /* --source ADDR[:PORT] (also [V6]:PORT, :PORT, a path for a Unix
				* socket), or NULL */
	const char *interface; /* --interface NAME (SO_BINDTODEVICE, IP_BOUND_IF), or NULL */
	bool mptcp;            /* --mptcp: IPPROTO_MPTCP; FAILURE_USAGE where the system has none */
	bool fastopen; /* --fastopen: TCP_FASTOPEN_CONNECT, TCP_FASTOPEN when listening. With a
			* cookie from before, connecting sends nothing: the first write connects, so
			* a refusal then surfaces at the first write or read */
	struct sockopt_list sockopts;
};

/* For --info, -v and --stats. Times in microseconds since dial_start; -1: did not happen. */
struct dial_report {
	struct address peer;
	struct address local;
	int64_t resolved_us;  /* names known (0 for literals) */
	int64_t connected_us; /* TCP connected */
	unsigned attempts;    /* sockets tried */
	bool inherited;       /* fd:N, taken as it is: its flags are shared with whoever gave it, so
			       * it may be blocking (MSG_DONTWAIT) */
};

struct dial;

/*
 * fd >= 0: connected, non-blocking, close-on-exec (unless report->inherited), the caller's now,
 * with every socket option set. fd == -1: why says it: FAILURE_NAME, FAILURE_CONNECT (refused,
 * unreachable), FAILURE_TIMEOUT (the kernel gave up), FAILURE_LOCAL_ADDRESS (the source address
 * or interface), FAILURE_USAGE (an option or fd:N that does not fit), FAILURE_OTHER (no
 * descriptors, no memory). "127.0.0.1:9: connection refused"; for a name each address is named
 * with its reason ("example.org:80: 192.0.2.1: connection refused; 2001:db8::1: network is
 * unreachable") and the class is the most telling one (a refusal tells more than unreachable,
 * any answer more than a time-out). The dial is gone when this is called; report and why are
 * valid during the call.
 */
typedef void dial_done(void *data, int fd, const struct dial_report *report,
		       const struct failure *why);

/* Called for each address that failed while others are still tried, for -v; may be NULL. Must
 * not cancel the dial. */
typedef void dial_attempt_failed(void *data, const char *address, const char *reason);

struct dial_request {
	struct ev_loop *loop;
	const struct endpoint *endpoint; /* borrowed until done or cancel; never systemd: */
	const struct net_options *options;
	/* Whether that address may be dialled, asked for each one the endpoint stands for; NULL:
	 * all. One that may not fails with FAILURE_CONNECT and error EACCES ("not permitted"),
	 * without a socket made. Not asked for fd:N. */
	bool (*permits)(void *data, const struct address *address);
	dial_done *done; /* exactly once, from the loop, never before dial_start returned */
	dial_attempt_failed *attempt_failed;
	void *data;
};

/* Never NULL: what is wrong with the request is told by done. *request is copied. */
struct dial *dial_start(const struct dial_request *request);
/* Closes every attempt; done will not be called. What was under way for --timeout's message goes
 * to why when why is not NULL (FAILURE_TIMEOUT): "192.0.2.1:80: no answer", "example.org:80: no
 * answer from 192.0.2.1, 2001:db8::1", "example.org: name not resolved yet", "unix:/path: the
 * server's queue is full". */
void dial_cancel(struct dial *dial, struct failure *why);
#endif
