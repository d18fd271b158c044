/* SPDX-License-Identifier: MIT */
/* chat_hosted.c - members of a chat whose host runs in a thread of the test. */
#include "chat_hosted.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/net/sockopt.h>

enum { PEERS = 100 };

struct hosted_peer {
	int fd;
	size_t length, used; /* of bytes; those of the line that was given last */
	char bytes[65536];
};

struct running hosted_running;

static struct hosted_peer *peers[PEERS];
static size_t peer_count;
static bool narrow;

/* ------ the host ------ */

static void prepare(const struct chat_host_options *options)
{
	static const struct chat_host_options usual = {
		.max_members = 200,
		.max_size = 1 << 20,
		.room = "lobby",
	};
	struct failure why = { 0 };

	running_prepare(&hosted_running, &chat_host_handler, options ? options : &usual);
	cr_assert(log_open(&(struct log_options){ .command = "chat",
						  .file = hosted_running.log,
						  .level = LOG_LEVEL_INFO,
						  .batched = true },
			   &why));
}

void hosted_open(const struct chat_host_options *options)
{
	prepare(options);
	running_start(&hosted_running);
}

void hosted_open_narrow(const struct chat_host_options *options)
{
	struct failure why = { 0 };

	prepare(options);
	cr_assert(sockopt_add(&hosted_running.stream.net.sockopts, "SO_SNDBUF=4096", &why), "%s",
		  why.text);
	running_start(&hosted_running);
	narrow = true;
}

void hosted_stop(void)
{
	kill(getpid(), SIGTERM);
}

void hosted_wait(void)
{
	running_wait(&hosted_running);
	for (size_t i = 0; i < peer_count; i++) {
		close(peers[i]->fd);
		free(peers[i]);
	}
	peer_count = 0;
	narrow = false;
	sockopt_list_free(&hosted_running.stream.net.sockopts);
}

void hosted_close(void)
{
	for (size_t i = 0; i < peer_count; i++)
		shutdown(peers[i]->fd, SHUT_RDWR);
	hosted_stop();
	hosted_wait();
}

/* ------ members ------ */

struct hosted_peer *hosted_dial(void)
{
	struct hosted_peer *peer = calloc(1, sizeof(*peer));

	cr_assert(peer);
	cr_assert_lt(peer_count, PEERS);
	peer->fd = running_dial(&hosted_running);
	if (narrow)
		setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &(int){ 4096 }, sizeof(int));
	peers[peer_count++] = peer;
	return peer;
}

int hosted_fd(const struct hosted_peer *peer)
{
	return peer->fd;
}

void hosted_say(const struct hosted_peer *peer, const char *bytes)
{
	cr_assert_eq(send(peer->fd, bytes, strlen(bytes), MSG_NOSIGNAL), (ssize_t)strlen(bytes));
}

/* False: nothing more comes. */
static bool read_more(struct hosted_peer *peer)
{
	const ssize_t n =
		recv(peer->fd, peer->bytes + peer->length, sizeof(peer->bytes) - peer->length, 0);

	cr_assert_geq(n, 0, "no line: %s; so far \"%.*s\"", strerror(errno), (int)peer->length,
		      peer->bytes);
	peer->length += (size_t)n;
	return n > 0;
}

static void forget_given(struct hosted_peer *peer)
{
	peer->length -= peer->used;
	memmove(peer->bytes, peer->bytes + peer->used, peer->length);
	peer->used = 0;
}

const char *hosted_line(struct hosted_peer *peer)
{
	char *end;

	forget_given(peer);
	while (!(end = memchr(peer->bytes, '\n', peer->length)))
		cr_assert(read_more(peer), "the end came instead of a line");
	*end = '\0';
	peer->used = (size_t)(end - peer->bytes) + 1;
	return peer->bytes;
}

void hosted_expect(struct hosted_peer *peer, const char *line)
{
	cr_assert_str_eq(hosted_line(peer), line);
}

static bool ends_with(const char *line, const char *end)
{
	const size_t length = strlen(line), count = strlen(end);

	return length >= count && strcmp(line + length - count, end) == 0;
}

void hosted_expect_end(struct hosted_peer *peer, const char *end)
{
	const char *line = hosted_line(peer);

	cr_assert(ends_with(line, end), "\"%s\" does not end with \"%s\"", line, end);
}

int hosted_skip_to(struct hosted_peer *peer, const char *line)
{
	int skipped = 0;

	while (strcmp(hosted_line(peer), line) != 0)
		skipped++;
	return skipped;
}

int hosted_skip_to_end(struct hosted_peer *peer, const char *end)
{
	int skipped = 0;

	while (!ends_with(hosted_line(peer), end))
		skipped++;
	return skipped;
}

void hosted_expect_closed(struct hosted_peer *peer)
{
	forget_given(peer);
	cr_assert(!read_more(peer), "\"%.*s\"", (int)peer->length, peer->bytes);
}

struct hosted_peer *hosted_plain(const char *nick)
{
	struct hosted_peer *peer = hosted_dial();
	char text[100];

	snprintf(text, sizeof text, "%s\n", nick);
	hosted_say(peer, text);
	snprintf(text, sizeof text, "* you are %s, in lobby", nick);
	hosted_skip_to(peer, text);
	while (!strstr(hosted_line(peer), " here: "))
		;
	return peer;
}

struct hosted_peer *hosted_rich(const char *nick)
{
	struct hosted_peer *peer = hosted_dial();
	char text[100];

	snprintf(text, sizeof text, "/hello chat/1 %s lobby\n", nick);
	hosted_say(peer, text);
	while (strncmp(hosted_line(peer), "members ", 8) != 0)
		;
	return peer;
}
