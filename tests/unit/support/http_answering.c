/* SPDX-License-Identifier: MIT */
/* http_answering.c - an HTTP/1 server whose answers are the test's. */
#include "http_answering.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 64 * 1024 };

/* False: the client closed first. */
static bool read_head(int fd, char *head)
{
	size_t length = 0;

	while (length < 4 || memcmp(head + length - 4, "\r\n\r\n", 4) != 0) {
		if (length == HEAD_MAX - 1 || recv(fd, head + length, 1, 0) != 1)
			return false;
		length++;
	}
	head[length] = '\0';
	return true;
}

static unsigned keep_head(struct answering *server, const char *head)
{
	unsigned number;

	pthread_mutex_lock(&server->lock);
	number = server->requested++;
	if (number < ANSWERING_MOST)
		server->heads[number] = strdup(head);
	pthread_mutex_unlock(&server->lock);
	return number;
}

/* The descriptor is closed by the stop: until then its number is nobody else's, and the stop can
 * end what still waits. */
static void *serve_connection(void *data)
{
	struct answering_connection *c = data;
	char *head = malloc(HEAD_MAX);
	bool again = true;
	int fd = dup(c->fd);

	while (again && read_head(fd, head)) {
		const struct answering_request request = {
			.server = c->server,
			.fd = fd,
			.connection = c->number,
			.number = keep_head(c->server, head),
			.head = head,
		};

		again = c->server->answer(&request);
	}
	free(head);
	pthread_mutex_lock(&c->server->lock);
	close(c->fd);
	c->fd = -1;
	close(fd);
	pthread_mutex_unlock(&c->server->lock);
	return NULL;
}

static void take_connection(struct answering *server, int fd)
{
	struct answering_connection *c;

	pthread_mutex_lock(&server->lock);
	cr_assert(server->connected < ANSWERING_MOST, "too many connections for the test");
	c = &server->connections[server->connected];
	*c = (struct answering_connection){
		.server = server,
		.number = server->connected++,
		.fd = fd,
	};
	pthread_create(&c->thread, NULL, serve_connection, c);
	pthread_mutex_unlock(&server->lock);
}

static void *serve(void *data)
{
	struct answering *server = data;
	struct pollfd ends[2] = { { server->listener, POLLIN, 0 }, { server->stop[0], POLLIN, 0 } };

	while (poll(ends, 2, -1) > 0 && !ends[1].revents) {
		int fd = accept(server->listener, NULL, NULL);

		if (fd >= 0)
			take_connection(server, fd);
	}
	return NULL;
}

static void make_origin(struct answering *server)
{
	struct failure why = { 0 };
	char text[32];

	snprintf(text, sizeof(text), "127.0.0.1:%u", server->port);
	cr_assert(endpoint_parse(&server->origin.endpoint, text, false, &why), "%s", why.text);
	snprintf(server->origin.host, sizeof(server->origin.host), "127.0.0.1");
	server->origin.port = (int)server->port;
}

void answering_start(struct answering *server, answering_function *answer, void *data)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);

	*server = (struct answering){ .answer = answer, .data = data };
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(bind(server->listener, (struct sockaddr *)&address, length), 0);
	cr_assert_eq(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
	cr_assert_eq(listen(server->listener, ANSWERING_MOST), 0);
	server->port = ntohs(address.sin_port);
	make_origin(server);
	cr_assert_eq(pipe(server->stop), 0);
	pthread_mutex_init(&server->lock, NULL);
	cr_assert_eq(pthread_create(&server->thread, NULL, serve, server), 0);
}

void answering_stop(struct answering *server)
{
	close(server->stop[1]);
	pthread_join(server->thread, NULL);
	pthread_mutex_lock(&server->lock);
	for (unsigned i = 0; i < server->connected; i++)
		if (server->connections[i].fd >= 0)
			shutdown(server->connections[i].fd, SHUT_RDWR);
	pthread_mutex_unlock(&server->lock);
	for (unsigned i = 0; i < server->connected; i++)
		pthread_join(server->connections[i].thread, NULL);
	for (unsigned i = 0; i < ANSWERING_MOST; i++)
		free(server->heads[i]);
	close(server->stop[0]);
	close(server->listener);
	pthread_mutex_destroy(&server->lock);
}

unsigned answering_requested(struct answering *server)
{
	unsigned count;

	pthread_mutex_lock(&server->lock);
	count = server->requested;
	pthread_mutex_unlock(&server->lock);
	return count;
}

unsigned answering_connected(struct answering *server)
{
	unsigned count;

	pthread_mutex_lock(&server->lock);
	count = server->connected;
	pthread_mutex_unlock(&server->lock);
	return count;
}

const char *answering_head(struct answering *server, unsigned request)
{
	return request < ANSWERING_MOST && request < answering_requested(server)
		       ? server->heads[request]
		       : NULL;
}

bool answering_send(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t n = send(fd, at, length, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		at += n;
		length -= (size_t)n;
	}
	return true;
}

bool answering_say(int fd, const char *format, ...)
{
	char text[4096];
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	cr_assert(length >= 0 && (size_t)length < sizeof(text));
	return answering_send(fd, text, (size_t)length);
}

void answering_hold(int fd)
{
	char bytes[256];

	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		;
}

void answering_reset(int fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	cr_assert_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
}

bool answering_field(const char *head, const char *name, char *out, size_t size)
{
	char start[128];
	const char *at;
	size_t length;

	snprintf(start, sizeof(start), "\r\n%s: ", name);
	at = strstr(head, start);
	if (!at)
		return false;
	at += strlen(start);
	length = strcspn(at, "\r");
	cr_assert(length < size);
	memcpy(out, at, length);
	out[length] = '\0';
	return true;
}

bool answering_range(const char *head, uint64_t *first, uint64_t *last)
{
	char text[128];

	return answering_field(head, "Range", text, sizeof(text)) &&
	       sscanf(text, "bytes=%" SCNu64 "-%" SCNu64, first, last) == 2;
}
