/* SPDX-License-Identifier: MIT */
#ifndef SERVE_RUNNING_H
#define SERVE_RUNNING_H
/* A server in a thread of the test, on a loopback port of the kernel's choice, with its messages
 * in a file. */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/serve/server.h>

struct running {
	struct server_options options; /* to be changed before the start */
	struct endpoint endpoint;
	struct stream_options stream;
	char folder[32]; /* the test's own */
	char log[64], port_file[64];
	pthread_t thread;
	bool ran;
	struct server_result result;
	struct failure why;
	unsigned port;
};

/* Sensible options for a handler; options are the handler's. */
void running_prepare(struct running *r, const struct handler *handler, const void *options);
/* Returns once it listens. */
void running_start(struct running *r);
/* Waits until the server has ended by itself, and removes the folder's own files. */
void running_wait(struct running *r);
/* Ends it by SIGTERM first. */
void running_stop(struct running *r);

/* A connected, blocking socket; reads give up after 10 seconds. */
int running_dial(const struct running *r);
/* Sends all, half-closes, reads to the end. Returns how many bytes came (at most size - 1, NUL
 * behind them). */
size_t running_exchange(const struct running *r, const char *data, size_t length, char *out,
			size_t size);
/* Up to size bytes, fewer only at the end; -1 when the connection was reset. */
ssize_t running_read(int fd, char *out, size_t size);
/* Sends one piece and reads one answer as a string. */
const char *running_ask(int fd, const char *text, char *out, size_t size);
/* Closes with a reset. */
void running_reset(int fd);

/* What the server has said so far. Valid until the next call. */
const char *running_log(const struct running *r);
/* The same, once text is in it. */
const char *running_wait_log(const struct running *r, const char *text);
/* "FOLDER/NAME". Valid until the fourth call after it. */
const char *running_path(const struct running *r, const char *name);
#endif
