/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_ACCEPT_H
#define SOCKUTIL_NET_ACCEPT_H
/* The next connection of a listening socket. */
#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>

struct listener; /* net/listen.h */

/*
 * One connection: IO_DONE with *fd (non-blocking, close-on-exec) and *peer. IO_AGAIN: none waits
 * (those that died while they waited are skipped). IO_FAILED: EMFILE, ENFILE, ENOBUFS, ENOMEM
 * (why->error): nothing was taken, the caller pauses the listener for a while; anything else: the
 * listener itself is broken. One system call when a connection waits; two for a listener whose
 * `polled` is set.
 */
enum io accept_one(const struct listener *listener, int *fd, struct address *peer,
		   struct failure *why);
#endif
