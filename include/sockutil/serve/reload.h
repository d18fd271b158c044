/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_RELOAD_H
#define SOCKUTIL_SERVE_RELOAD_H
/*
 * SIGHUP: what was read from files is read again, without touching a connection: --allow and
 * --deny, certificates and keys, what the handler has. Each is taken whole or stays as it was, and
 * says so.
 */
#include <stdbool.h>

struct server;
struct server_options;

/* Whether there is anything to read again; otherwise SIGHUP ends a server as SIGTERM does. */
bool reload_possible(const struct server_options *options);
void reload_server(struct server *server);
#endif
