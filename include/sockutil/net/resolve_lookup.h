/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_RESOLVE_LOOKUP_H
#define SOCKUTIL_NET_RESOLVE_LOOKUP_H
/* The part of resolving that may block: one question, one family, on the calling thread. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>
#include <sockutil/net/idn.h>

/* More addresses of a name than these are never tried: what a name server sends is bounded. */
enum { RESOLVE_LOOKUP_MAX = 32 };

enum resolve_lookup_host {
	RESOLVE_HOST_NAME,    /* getaddrinfo(3) is asked */
	RESOLVE_HOST_LITERAL, /* an IP address */
	RESOLVE_HOST_LOCAL,   /* localhost and names under .localhost (RFC 6761, 6.3) */
	RESOLVE_HOST_ANY,     /* "": every address of this machine, for listening */
};

struct resolve_question {
	enum resolve_lookup_host kind;
	struct address literal; /* RESOLVE_HOST_LITERAL, without a port */
	char name[IDN_MAX];     /* ASCII */
	char shown[IDN_MAX];    /* as the user wrote it, for messages */
	char service[33];
	int port; /* -1: service is a name */
	int type; /* SOCK_STREAM or SOCK_DGRAM */
};

struct resolve_answer {
	struct address addresses[RESOLVE_LOOKUP_MAX];
	size_t count;
	struct failure why; /* FAILURE_NONE unless count is 0 */
};

/* Converts IDNs and finds out what kind of host it is; opens nothing but libidn2. passive: "" is
 * every address. FAILURE_USAGE, and FAILURE_NAME for a zone without an interface. */
bool resolve_lookup_prepare(struct resolve_question *question, const char *host,
			    const char *service, int port, int type, bool passive,
			    struct failure *why);

/* Whether resolve_lookup() will answer without reading a file or asking a server. */
bool resolve_lookup_is_immediate(const struct resolve_question *question);

/* family: AF_INET or AF_INET6. Safe from any thread. */
void resolve_lookup(const struct resolve_question *question, int family,
		    struct resolve_answer *answer);
#endif
