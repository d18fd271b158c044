/* SPDX-License-Identifier: MIT */
/*
 * bench/loadgen.c - what loads and what counts in the measurements. Talks to 127.0.0.1 alone; every
 * mode ends by itself.
 *
 *   feed BYTES                       zero bytes to stdout
 *   count                            stdin to nowhere; how many bytes there were
 *   spawn TIMES COMMAND...           wall, CPU and peak memory of a short-lived command
 *   source PORT BYTES FILE           FILE by sendfile(2), over and over, to a connection
 *   sink PORT [keep]                 one connection to nowhere, or to stdout; how many bytes there
 * were rate PORT TOTAL AT_ONCE [silent] connect, read to the end, close; silent: no byte has to
 * come echo PORT CONNECTIONS SIZE TOTAL closed loop: a message goes when its answer is there,
 * compared ws-echo PORT CONNECTIONS SIZE TOTAL  the same in WebSocket messages of at most 125 bytes
 *   idle PORT CONNECTIONS            opens them, a byte through each, holds them until stdin ends
 *
 * The result is one line of name=number. Status 1: bytes were lost or changed, or a connection went
 * unanswered.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 128 * 1024, EVENTS = 256, STALLED_MS = 10000, MESSAGE_MAX = 4096 };

extern char **environ;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(2);
}

static void *take(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	if (!memory)
		die("calloc");
	return memory;
}

static int dial(uint16_t port, int flags)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int s = socket(AF_INET, SOCK_STREAM | flags, 0), one = 1;

	if (s < 0)
		die("socket");
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(s, (struct sockaddr *)&to, sizeof(to)) != 0 && errno != EINPROGRESS)
		die("connect");
	return s;
}

static void watch(int poller, int fd, uint32_t index)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = index };

	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e) != 0)
		die("epoll_ctl");
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Seconds in v, sorted here. */
static void print_times(double *v, size_t count)
{
	if (count == 0)
		return;
	qsort(v, count, sizeof(*v), compare);
	printf("p50_us=%.2f p99_us=%.2f ", v[count / 2] * 1e6, v[count * 99 / 100] * 1e6);
}

/* --- bulk ------------------------------------------------------------------ */

static int feed(uint64_t left)
{
	static char block[BLOCK];

	while (left > 0) {
		ssize_t n = write(STDOUT_FILENO, block, left < BLOCK ? (size_t)left : BLOCK);

		if (n < 0)
			return 1;
		left -= (uint64_t)n;
	}
	return 0;
}

/* As cheap as can be, so that it is not what is measured. */
static int count(void)
{
	int nowhere = open("/dev/null", O_WRONLY);
	static char block[BLOCK];
	uint64_t total = 0;
	ssize_t n;

	while ((n = splice(STDIN_FILENO, NULL, nowhere, NULL, 1 << 20, 0)) != 0) {
		if (n < 0)
			n = read(STDIN_FILENO, block, sizeof(block));
		if (n <= 0)
			break;
		total += (uint64_t)n;
	}
	printf("bytes=%" PRIu64 "\n", total);
	return 0;
}

/* --- bulk over TCP --------------------------------------------------------- */

static int source(uint16_t port, uint64_t left, const char *path)
{
	int s = dial(port, 0), file = open(path, O_RDONLY);
	off_t at = 0;
	ssize_t n;

	if (file < 0)
		die(path);
	while (left > 0) {
		n = sendfile(s, file, &at, left < 1 << 30 ? (size_t)left : 1 << 30);
		if (n < 0)
			die("sendfile");
		if (n == 0)
			at = 0;
		left -= (uint64_t)n;
	}
	shutdown(s, SHUT_WR);
	return read(s, &at, 1) != 0;
}

/* Bytes for nowhere are dropped inside the kernel. */
static int sink(uint16_t port, bool keep)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int listener = socket(AF_INET, SOCK_STREAM, 0), s, one = 1;
	static char block[1 << 20];
	uint64_t total = 0;
	ssize_t n;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(listener, 8) != 0)
		die("listen");
	s = accept(listener, NULL, NULL);
	close(listener);
	while ((n = recv(s, block, sizeof(block), keep ? 0 : MSG_TRUNC)) > 0) {
		total += (uint64_t)n;
		if (keep && write(STDOUT_FILENO, block, (size_t)n) != n)
			die("write");
	}
	if (!keep)
		printf("bytes=%" PRIu64 "\n", total);
	return n < 0;
}

/* --- start-up -------------------------------------------------------------- */

/* From this small process, because peak memory is inherited across exec. */
static int spawn(size_t times, char **command)
{
	double *wall = take(times, sizeof(*wall)), cpu = 0;
	posix_spawn_file_actions_t files;
	long memory = 0, failed = 0;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	for (size_t i = 0; i < times; i++) {
		struct rusage used;
		double began = now();
		int status;
		pid_t pid;

		if (posix_spawnp(&pid, command[0], &files, NULL, command, environ) != 0)
			die(command[0]);
		wait4(pid, &status, 0, &used);
		wall[i] = now() - began;
		cpu += (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
		       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
		memory = used.ru_maxrss > memory ? used.ru_maxrss : memory;
		failed += status != 0;
	}
	print_times(wall, times);
	printf("cpu_us=%.1f memory_kib=%ld failed=%ld\n", cpu / (double)times * 1e6, memory,
	       failed);
	return 0;
}

/* --- many short connections ------------------------------------------------ */

struct client {
	int fd; /* -1: free */
	double began;
	bool answered;
};

/* Our side goes by a reset, so that no port of ours is left waiting. */
static void forget(struct client *c)
{
	struct linger none = { 1, 0 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(c->fd);
	c->fd = -1;
}

static size_t fill(int poller, uint16_t port, struct client *clients, size_t at_once, size_t wanted)
{
	size_t started = 0;

	for (size_t i = 0; i < at_once && started < wanted; i++) {
		if (clients[i].fd >= 0)
			continue;
		clients[i] = (struct client){ .began = now(), .fd = dial(port, SOCK_NONBLOCK) };
		watch(poller, clients[i].fd, (uint32_t)i);
		started++;
	}
	return started;
}

static int rate(uint16_t port, size_t total, size_t at_once, bool silent)
{
	struct client *clients = take(at_once, sizeof(*clients));
	double *times = take(total, sizeof(*times)), began = now();
	size_t started = 0, done = 0, unanswered = 0;
	int poller = epoll_create1(0), n = 0;
	struct epoll_event events[EVENTS];
	static char block[BLOCK];

	for (size_t i = 0; i < at_once; i++)
		clients[i].fd = -1;
	while (done < total) {
		started += fill(poller, port, clients, at_once, total - started);
		n = epoll_wait(poller, events, EVENTS, STALLED_MS);
		if (n <= 0)
			break;
		for (int k = 0; k < n; k++) {
			struct client *c = &clients[events[k].data.u32];
			ssize_t got = read(c->fd, block, sizeof(block));

			if (got > 0)
				c->answered = true;
			if (got > 0 || (got < 0 && errno == EAGAIN))
				continue;
			unanswered += silent ? got < 0 : !c->answered;
			times[done++] = now() - c->began;
			forget(c);
		}
	}
	printf("each_second=%.0f unanswered=%zu ", (double)done / (now() - began),
	       unanswered + total - done);
	print_times(times, done);
	puts("");
	return unanswered > 0 || done < total;
}

/* --- echo ------------------------------------------------------------------ */

/* What goes out and what has to come back, as they are on the wire. */
struct talk {
	int fd;
	size_t got, size, out_length, in_length;
	uint64_t sequence;
	double began;
	bool framed;
	char out[MESSAGE_MAX], in[MESSAGE_MAX], heard[MESSAGE_MAX];
};

/* RFC 6455, 5.2: one binary message of one frame, masked on its way there. */
static void frame(struct talk *t)
{
	static const char mask[4] = { 0x12, 0x34, 0x56, 0x78 };

	memmove(t->in + 2, t->in, t->size);
	t->in[0] = (char)0x82;
	t->in[1] = (char)t->size;
	t->in_length = t->size + 2;
	t->out[0] = (char)0x82;
	t->out[1] = (char)(0x80 | t->size);
	memcpy(t->out + 2, mask, sizeof(mask));
	for (size_t i = 0; i < t->size; i++)
		t->out[6 + i] = (char)(t->in[2 + i] ^ mask[i % 4]);
	t->out_length = t->size + 6;
}

static void say(struct talk *t)
{
	for (size_t i = 0; i < t->size; i++)
		t->in[i] = (char)('a' + (t->sequence * 31 + i) % 26);
	t->sequence++;
	t->got = 0;
	if (t->framed) {
		frame(t);
	} else {
		t->in_length = t->out_length = t->size;
		memcpy(t->out, t->in, t->size);
	}
	t->began = now();
	if (write(t->fd, t->out, t->out_length) != (ssize_t)t->out_length)
		die("write");
}

/* True when the whole answer is there. */
static bool hear(struct talk *t)
{
	ssize_t n = read(t->fd, t->heard + t->got, t->in_length - t->got);

	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0)
		die("read");
	t->got += (size_t)n;
	if (t->got < t->in_length)
		return false;
	if (memcmp(t->heard, t->in, t->in_length) != 0) {
		puts("changed=1");
		exit(1);
	}
	return true;
}

static void upgrade(int s)
{
	static const char request[] =
		"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
	char answer[1024];
	size_t got = 0;

	if (write(s, request, sizeof(request) - 1) != (ssize_t)sizeof(request) - 1)
		die("write");
	/* a byte at a time: what follows the head is not ours yet */
	while (got < 4 || memcmp(answer + got - 4, "\r\n\r\n", 4) != 0)
		if (got == sizeof(answer) || read(s, answer + got++, 1) != 1)
			die("no answer to the handshake");
	if (memcmp(answer, "HTTP/1.1 101 ", 13) != 0)
		die("the handshake was refused");
}

/* A connection alone is read by blocking: its times are those of the round trip and of nothing
 * else. */
static void alone(struct talk *t, double *times, size_t total)
{
	for (size_t i = 0; i < total; i++) {
		say(t);
		while (!hear(t))
			;
		times[i] = now() - t->began;
	}
}

static void together(struct talk *talks, size_t connections, double *times, size_t total)
{
	struct epoll_event events[EVENTS];
	int poller = epoll_create1(0);
	size_t done = 0;

	for (size_t i = 0; i < connections; i++) {
		fcntl(talks[i].fd, F_SETFL, O_NONBLOCK);
		watch(poller, talks[i].fd, (uint32_t)i);
		say(&talks[i]);
	}
	while (done < total) {
		int n = epoll_wait(poller, events, EVENTS, STALLED_MS);

		if (n <= 0)
			die("stalled");
		for (int k = 0; k < n && done < total; k++) {
			struct talk *t = &talks[events[k].data.u32];

			if (!hear(t))
				continue;
			times[done++] = now() - t->began;
			say(t);
		}
	}
}

static int echo(uint16_t port, size_t connections, size_t size, size_t total, bool framed)
{
	struct talk *talks = take(connections, sizeof(*talks));
	double *times = take(total, sizeof(*times)), began;

	if (size == 0 || size > (framed ? 125 : MESSAGE_MAX))
		return 2;
	for (size_t i = 0; i < connections; i++) {
		talks[i].fd = dial(port, 0);
		talks[i].size = size;
		talks[i].framed = framed;
		if (framed)
			upgrade(talks[i].fd);
	}
	began = now();
	if (connections == 1)
		alone(talks, times, total);
	else
		together(talks, connections, times, total);
	printf("each_second=%.0f ", (double)total / (now() - began));
	print_times(times, total);
	puts("");
	return 0;
}

/* --- many that say nothing ------------------------------------------------- */

static int idle(uint16_t port, size_t connections)
{
	struct timeval patience = { STALLED_MS / 1000, 0 };
	size_t held = 0;
	char byte = 'x';

	for (; held < connections; held++) {
		int s = dial(port, 0);

		setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		if (write(s, &byte, 1) != 1 || read(s, &byte, 1) != 1 || byte != 'x')
			break;
	}
	printf("held=%zu\n", held);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return held < connections;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	uint64_t n[6] = { 0 };

	signal(SIGPIPE, SIG_IGN);
	for (int i = 2; i < argc && i < 6; i++)
		n[i] = strtoull(argv[i], NULL, 10);
	if (strcmp(mode, "feed") == 0 && argc == 3)
		return feed(n[2]);
	if (strcmp(mode, "count") == 0 && argc == 2)
		return count();
	if (strcmp(mode, "spawn") == 0 && argc > 3)
		return spawn(n[2], argv + 3);
	if (strcmp(mode, "source") == 0 && argc == 5)
		return source((uint16_t)n[2], n[3], argv[4]);
	if (strcmp(mode, "sink") == 0 && argc >= 3)
		return sink((uint16_t)n[2], argc > 3);
	if (strcmp(mode, "rate") == 0 && argc >= 5)
		return rate((uint16_t)n[2], n[3], n[4], argc > 5);
	if ((strcmp(mode, "echo") == 0 || strcmp(mode, "ws-echo") == 0) && argc == 6)
		return echo((uint16_t)n[2], n[3], n[4], n[5], mode[0] == 'w');
	if (strcmp(mode, "idle") == 0 && argc == 4)
		return idle((uint16_t)n[2], n[3]);
	fputs("usage: see the head of loadgen.c\n", stderr);
	return 2;
}
