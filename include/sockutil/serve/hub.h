/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_HUB_H
#define SOCKUTIL_SERVE_HUB_H
/*
 * --keep-open: any number of clients at once. What they send is merged on standard output, one read
 * after another and each whole; standard input goes to all of them. It is read while at least one
 * client has taken all it was sent, so a slow client does not hold up the others: it is cut when
 * HUB_QUEUE bytes wait for it. Without a client nothing is read.
 */
#include <sockutil/serve/handler.h>

enum { HUB_QUEUE = 1024 * 1024 };

/* Prepare takes a struct join_options (serve/join.h); the server keeps the times. */
extern const struct handler hub_handler;
#endif
