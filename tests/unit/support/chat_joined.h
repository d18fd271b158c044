/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CHAT_JOINED_H
#define TESTS_CHAT_JOINED_H
/* A client with pipes for its input and output, on one end of a pair of sockets whose other end is
 * the test: the host's part is played line by line. */
#include <sys/types.h>

#include <sockutil/chat/client_parts.h>

struct joined {
	struct chat_client_options options; /* to be changed before the start */
	struct chat_client *client;
	int host;                            /* the host's end; -1: closed */
	int input;                           /* what is written there is typed; -1: closed */
	int output;                          /* what is shown */
	int messages;                        /* what is logged */
	char heard[1 << 18], shown[1 << 18]; /* not asked for yet */
	bool over;
	int status;
};

/* bob, who chose that nick, as a bot. */
void joined_prepare(struct joined *j);
/* It says who it is, and nothing else. With an endpoint of its own it is on its way there. */
void joined_start(struct joined *j);
/* It comes to that listening socket. */
void joined_accept(struct joined *j, int listener);
/* It starts, and is let in. */
void joined_start_in(struct joined *j);
/* Lets the client do what it can do now. */
void joined_turn(struct joined *j);
void joined_say(struct joined *j, const char *text);
void joined_type(struct joined *j, const char *text);
/* The host's next line, without its end; until one comes. Valid until the next call. */
const char *joined_hear(struct joined *j);
/* The next line shown; until one comes. Valid until the next call. */
const char *joined_see(struct joined *j);
/* Nothing is waiting to be heard, or seen. */
bool joined_is_silent(struct joined *j);
/* The host ends. */
void joined_hang_up(struct joined *j);
/* Until it is over: the status. */
int joined_end(struct joined *j);
/* What was logged so far. */
const char *joined_log(struct joined *j);
void joined_free(struct joined *j);
#endif
