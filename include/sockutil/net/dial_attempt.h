/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_DIAL_ATTEMPT_H
#define SOCKUTIL_NET_DIAL_ATTEMPT_H
/* One connection to one address. Failures hold the reason alone ("connection refused") and the
 * errno value in why->error. */
#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>
#include <sockutil/net/dial.h>
#include <sockutil/net/dial_source.h>

/*
 * A socket with everything set, on its way to target. IO_DONE: connected already; IO_AGAIN:
 * under way, wait until *fd is writable (both then go to dial_attempt_finish()). IO_FAILED: *fd
 * is -1. EAGAIN in why->error: a Unix listener's queue is full, try again later.
 */
enum io dial_attempt_start(int *fd, const struct address *target, const struct net_options *options,
			   const struct dial_source *source, struct failure *why);

/* What became of it: IO_DONE with the own address, or IO_FAILED; fd stays the caller's. A socket
 * that has connected to itself (TCP's simultaneous open, RFC 9293, 3.5, on a loopback port where
 * nobody listens) counts as refused. */
enum io dial_attempt_finish(int fd, const struct address *target, const struct net_options *options,
			    struct address *local, struct failure *why);

/* fd:N as a connection: an open, connected stream socket, whose flags are left alone.
 * FAILURE_USAGE says what it is instead. */
bool dial_attempt_inherit(int fd, const struct net_options *options, struct address *local,
			  struct address *peer, struct failure *why);
#endif
