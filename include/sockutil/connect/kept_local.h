/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CONNECT_KEPT_LOCAL_H
#define SOCKUTIL_CONNECT_KEPT_LOCAL_H
/*
 * The local side of connections that follow one another (--reconnect): the end of one of them does
 * not close the output, and from then on nothing is read from the input until the next one.
 */
#include <stdbool.h>

#include <sockutil/stream/stream.h>

struct stream *kept_local_new(struct stream *below);
/* A new connection: the input is read again. */
void kept_local_resume(struct stream *s);
/* The input has ended: no connection has anything more to send. */
bool kept_local_ended(const struct stream *s);
/* Between two connections: finds out whether it has ended. What comes instead is for the next one.
 */
void kept_local_look(struct stream *s);
#endif
