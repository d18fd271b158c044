/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_ACCEPTOR_H
#define SOCKUTIL_SERVE_ACCEPTOR_H
/*
 * Takes connections from the listeners while there is room. Without room (--max-conns,
 * --one-at-a-time, no descriptors) they wait in the backlog; what --allow, --deny,
 * --max-conns-per-ip and --conn-rate refuse is taken and closed.
 */
#include <stdbool.h>
#include <stddef.h>

struct address;
struct server;

/* Whether what comes by that listener speaks TLS. */
bool acceptor_uses_tls(const struct server *server, size_t listener);
/* Counts a client for --max-conns-per-ip and --conn-rate; or the reason to refuse it, of --allow
 * and
 * --deny too, in text: then nothing was counted. NULL: it may come in. */
const char *acceptor_objection(struct server *server, const struct address *peer, char *text,
			       size_t size);
/* Waits for connections on server->listeners. */
void acceptor_start(struct server *server);
/* A place is free again. */
void acceptor_resume(struct server *server);
/* Closes the listeners: clients are refused by the kernel from now on. */
void acceptor_stop(struct server *server);
/* Clients wait because all places are taken. */
bool acceptor_full(const struct server *server);
/* Until acceptor_stop. */
bool acceptor_open(const struct server *server);
void acceptor_free(struct server *server);
#endif
