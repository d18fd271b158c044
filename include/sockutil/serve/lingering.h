/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_LINGERING_H
#define SOCKUTIL_SERVE_LINGERING_H
/*
 * Sessions whose last byte has gone out and whose client has not ended yet. Most clients end within
 * a millisecond, so all are asked together on a slow beat; that costs one system call each instead
 * of an entry in the poll set and a wake-up. Who has not ended at its beat is watched like any
 * other connection.
 */
#include <stdbool.h>

struct lingering;
struct server;
struct session;

struct lingering *lingering_new(struct server *server);
/* False when memory is short: the session has to be watched at once. */
bool lingering_add(struct lingering *lingering, struct session *session);
/* Others wait for their places: all are asked now, and watched if they have not ended. */
void lingering_hurry(struct lingering *lingering);
/* Closed by another hand (the server's end) while on the list. */
void lingering_remove(struct lingering *lingering, const struct session *session);
void lingering_free(struct lingering *lingering);
#endif
