/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_BROKER_H
#define SOCKUTIL_SERVE_BROKER_H
/*
 * --broker: what one client sends, all others of its room get. Behind WebSocket a room is the path
 * of the request, and messages stay whole and of their kind; otherwise there is one room, and bytes
 * go on as they come.
 *
 * Who sends is read while at least one other of the room has taken all it was sent, so a room runs
 * at the pace of its fastest member. What waits is held once for all of them. A slow one is cut
 * when BROKER_QUEUE bytes wait for it, the memory of each message counted, or when it is the only
 * one that others wait for and takes nothing for BROKER_STALL_MS.
 */
#include <sockutil/serve/handler.h>

enum { BROKER_QUEUE = 1024 * 1024, BROKER_STALL_MS = 10000 };

/* Takes no options. */
extern const struct handler broker_handler;
#endif
