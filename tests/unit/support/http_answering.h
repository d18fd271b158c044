/* SPDX-License-Identifier: MIT */
#ifndef HTTP_ANSWERING_H
#define HTTP_ANSWERING_H
/*
 * An HTTP/1 server on a loopback port of the kernel's choice, in threads of the test: one for each
 * connection. It reads request heads; what is answered the test's function decides.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/http/pool.h>

struct answering;

/* One request as its connection's thread has read it. */
struct answering_request {
	struct answering *server;
	int fd;              /* blocking, the server's */
	unsigned connection; /* from 0, in the order of coming */
	unsigned number;     /* the same over the requests of all connections */
	const char *head;
};

/* From a connection's thread, for each request. True: the next one on this connection is read;
 * false: it is closed. */
typedef bool answering_function(const struct answering_request *request);

enum { ANSWERING_MOST = 64 }; /* connections; requests that are kept */

struct answering {
	answering_function *answer;
	void *data;
	unsigned port;
	struct http_origin origin; /* to ask the pool for */

	int listener;
	int stop[2]; /* a pipe whose end says so */
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	struct answering_connection {
		struct answering *server;
		pthread_t thread;
		unsigned number;
		int fd;
	} connections[ANSWERING_MOST];
	unsigned connected, requested;
	char *heads[ANSWERING_MOST];
};

void answering_start(struct answering *server, answering_function *answer, void *data);
/* Ends every connection; its function must not be waiting for anything else. */
void answering_stop(struct answering *server);

/* What a client has asked so far; head NULL when there was no such request. Valid until the stop.
 */
unsigned answering_requested(struct answering *server);
unsigned answering_connected(struct answering *server);
const char *answering_head(struct answering *server, unsigned request);

/* All of it; false when the client has gone. */
bool answering_send(int fd, const void *bytes, size_t length);
__attribute__((format(printf, 2, 3))) bool answering_say(int fd, const char *format, ...);
/* Returns once the client has closed, or the server is stopped. */
void answering_hold(int fd);
/* The next answer of this connection, the close, becomes a reset. */
void answering_reset(int fd);
/* The value of a field of a head into out; false when it is not there. */
bool answering_field(const char *head, const char *name, char *out, size_t size);
/* The only range of a head's Range field, its end included. */
bool answering_range(const char *head, uint64_t *first, uint64_t *last);
#endif
