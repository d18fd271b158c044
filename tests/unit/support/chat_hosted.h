/* SPDX-License-Identifier: MIT */
#ifndef CHAT_HOSTED_H
#define CHAT_HOSTED_H
/* A host in a thread of the test, and members that are sockets of the test. */
#include "serve_running.h"

#include <stddef.h>

#include <sockutil/chat/host.h>

struct hosted_peer;

extern struct running hosted_running;

/* options NULL: 200 members, no history, the slow are put out. Shows LOG_LEVEL_INFO. */
void hosted_open(const struct chat_host_options *options);
/* The same, with little room between the host and those who read. */
void hosted_open_narrow(const struct chat_host_options *options);
/* Asks the server to end. */
void hosted_stop(void);
/* Waits for that. */
void hosted_wait(void);
/* Both, and closes all members. */
void hosted_close(void);

/* Connected. Members live until the test ends. */
struct hosted_peer *hosted_dial(void);
/* Entered, and everything read that newcomers are told. */
struct hosted_peer *hosted_plain(const char *nick);
struct hosted_peer *hosted_rich(const char *nick);
/* For what the functions here do not do. */
int hosted_fd(const struct hosted_peer *peer);

void hosted_say(const struct hosted_peer *peer, const char *bytes);
/* The next line, without its end. Valid until the next call for that member. */
const char *hosted_line(struct hosted_peer *peer);
void hosted_expect(struct hosted_peer *peer, const char *line);
/* The next line ends so. */
void hosted_expect_end(struct hosted_peer *peer, const char *end);
/* Reads lines until one is, or ends, so; how many came before it. */
int hosted_skip_to(struct hosted_peer *peer, const char *line);
int hosted_skip_to_end(struct hosted_peer *peer, const char *end);
/* Nothing comes any more, in order. */
void hosted_expect_closed(struct hosted_peer *peer);
#endif
