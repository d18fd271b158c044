/* SPDX-License-Identifier: MIT */
#ifndef NET_DIALLED_H
#define NET_DIALLED_H
/* One dial with its loop and what was heard from it, and loopback sockets to dial to. */
#include <ev.h>
#include <stdbool.h>

#include <sockutil/net/dial.h>

struct dialled {
	struct ev_loop *loop;
	struct endpoint endpoint;
	struct net_options options; /* to be set before the start */
	struct dial *dial;          /* NULL once done */
	unsigned calls;
	int fd;
	struct dial_report report;
	struct failure why;
	char attempts_failed[400]; /* "ADDRESS REASON\n" each */
};

/* Parses the endpoint and makes the loop. */
void dialled_prepare(struct dialled *dialled, const char *endpoint);
/* What dial_start() needs, with the call-backs that fill *dialled. */
struct dial_request dialled_request(struct dialled *dialled);
void dialled_start(struct dialled *dialled);
/* Runs the loop until done was called. */
void dialled_wait(struct dialled *dialled);
/* All of these in one. */
void dialled_run(struct dialled *dialled, const char *endpoint);
/* Runs the loop for so many seconds. */
void dialled_pass(struct dialled *dialled, double seconds);
/* Closes what was connected and destroys the loop. */
void dialled_end(struct dialled *dialled);

/* A socket bound to a loopback address ("127.0.0.1", "::1"), port 0: any; -1 when it is taken. */
int loopback_bound(const char *ip, unsigned port);
/* The same, listening. */
int loopback_listening(const char *ip, unsigned port, int backlog);
unsigned loopback_port(int fd);
/* Two sockets on ::1 and 127.0.0.1 with one port. */
unsigned loopback_both(int fds[2]);
/* Makes a listening socket's queue full, so that further connections get no answer; returns how
 * many it took. The descriptors are the kernel's to close. */
void loopback_fill(int fd);
#endif
