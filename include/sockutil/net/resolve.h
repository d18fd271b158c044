/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_RESOLVE_H
#define SOCKUTIL_NET_RESOLVE_H
/*
 * Names to addresses without stopping the loop: getaddrinfo(3) in a helper thread (so nsswitch,
 * mDNS and /etc/hosts work as users expect), one for each family, as RFC 8305 section 3 asks. IP
 * literals and numeric ports never start a thread. "localhost" (and names under .localhost, RFC
 * 6761) always has both loopback addresses. IDN names are converted (IDNA 2008, libidn2 loaded
 * on use).
 */
#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>

struct resolve;

/*
 * Called from the loop once for each family asked (one call may carry none), IPv6 first when
 * both are known at once; an IP literal has one call, for its own family. more says that another
 * will follow; resolve_cancel() may be called from inside. addresses is valid during the call,
 * at most 32. why is set when that family has no address: FAILURE_NAME (names the host),
 * FAILURE_USAGE (an unknown service, a literal of the other family, no IDN), FAILURE_OTHER (no
 * thread, no memory); NULL otherwise.
 */
typedef void resolve_done(void *data, int family, const struct address *addresses, size_t count,
			  const struct failure *why, bool more);

/* family: AF_UNSPEC, AF_INET or AF_INET6; type: SOCK_STREAM or SOCK_DGRAM. Never calls back
 * before it returned. port >= 0, or -1 and service is a name. Never NULL; the caller ends it
 * with resolve_cancel(), after the last call-back too. */
struct resolve *resolve_start(struct ev_loop *loop, const char *host, const char *service, int port,
			      int family, int type, resolve_done *done, void *data);
/* No call-back follows; a thread still under way frees what it holds by itself. NULL is fine. */
void resolve_cancel(struct resolve *r);

/* The same for the start of a server, which may wait: all addresses at once, IPv6 first, an
 * array for the caller to free(). passive: host "" is every address of this machine (:: and
 * 0.0.0.0). False, with the failures above, when there is no address at all. */
bool resolve_now(const char *host, const char *service, int port, int family, int type,
		 bool passive, struct address **addresses, size_t *count, struct failure *why);
#endif
