/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_DIAL_SOURCE_H
#define SOCKUTIL_NET_DIAL_SOURCE_H
/* --source: the local address a connection is made from. */
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>
#include <sockutil/net/endpoint.h>

struct dial_source {
	/* length 0: none was given. Family AF_UNSPEC: a port alone, of any address of the family
	 * that is connected to. */
	struct address address;
	unsigned port; /* 0: the kernel picks */
};

/* text NULL: no source. ADDR, ADDR:PORT, V6, [V6], [V6]:PORT, :PORT for an Internet endpoint; a
 * path or @NAME for a Unix one; others have none. FAILURE_USAGE. */
bool dial_source_parse(struct dial_source *out, const char *text, const struct endpoint *endpoint,
		       struct failure *why);

/* Binds a new socket of that family. FAILURE_LOCAL_ADDRESS ("source 127.0.0.1:80 is in use"). */
bool dial_source_bind(const struct dial_source *source, int fd, int family, struct failure *why);

/* Removes the file that binding a Unix socket made: the connection needs it no longer. */
void dial_source_unlink(const struct dial_source *source);
#endif
