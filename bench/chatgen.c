/* SPDX-License-Identifier: MIT */
/*
 * bench/chatgen.c - a chat full of people, on 127.0.0.1: says lines at a rate, counts how often
 * each is heard and how long it took. Every run ends by itself.
 *
 *   talk PORT KIND MEMBERS SILENT TALKERS BYTES SECONDS RATE...
 *       MEMBERS that are read, SILENT more that read nothing once all are there. Of the members
 *       TALKERS say lines of BYTES in turn, RATE lines a second in all, for SECONDS at each rate,
 *       until two in a row are too much: lines are missing, or one in a hundred took 50 ms. One
 *       line of name=number for each.
 *   idle PORT KIND MEMBERS
 *       joins, prints held=N when nothing more comes, holds them until stdin ends.
 *
 * KIND is nick (the first line is a name) or bare (ncat --chat). A delay counts from the moment a
 * line was due, so that a late generator does not flatter anybody; what was never heard counts with
 * the time until the end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
	EVENTS = 256,
	BLOCK = 64 * 1024,
	MARK = 19, /* "@@" 16 hex digits "@": when the line was due */
	LINE_MAX_BYTES = 4096,
	BUCKETS = 3000000, /* of 10 microseconds */
	QUIET_MS = 300,
	REST_S = 2,     /* for what is still on its way */
	STALLED_S = 10, /* a chat that lets nobody in */
	TOO_LATE_US = 50000,
	SILENT_WINDOW = 4096,
	SILENT_SEGMENT = 536, /* small ones, so that the kernel does not hold megabytes for each */
	CLOCK = UINT32_MAX,
};

struct member {
	int fd;
	char kept[MARK]; /* the start of a mark that was cut by the end of a read */
	size_t kept_length;
	uint64_t heard;
	char unsent[LINE_MAX_BYTES];
	size_t unsent_length;
};

static struct member *members;
static size_t member_count, talker_count, line_bytes;
static int poller, ticker;
static uint32_t *buckets;
static uint64_t deliveries;
static bool named;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
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

static void watch(int fd, uint32_t index)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = index };

	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e) != 0)
		die("epoll_ctl");
}

/* ------ what is heard ------ */

static void note(uint64_t delay_ns)
{
	const uint64_t bucket = delay_ns / 10000;

	buckets[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
}

static uint64_t mark_value(const char *mark)
{
	uint64_t value = 0;

	for (int i = 2; i < MARK - 1; i++)
		value = value << 4 |
			(uint64_t)(mark[i] <= '9' ? mark[i] - '0' : mark[i] - 'a' + 10);
	return value;
}

static void hear_block(struct member *m, const char *bytes, size_t length, uint64_t at)
{
	const char *end = bytes + length, *mark;

	m->kept_length = 0;
	while (bytes < end && (mark = memchr(bytes, '@', (size_t)(end - bytes)))) {
		if (end - mark < MARK) {
			m->kept_length = (size_t)(end - mark);
			memcpy(m->kept, mark, m->kept_length);
			return;
		}
		bytes = mark + 1;
		if (mark[1] != '@' || mark[MARK - 1] != '@')
			continue;
		bytes = mark + MARK;
		note(at - mark_value(mark));
		m->heard++;
		deliveries++;
	}
}

/* True: something came. */
static bool hear(struct member *m)
{
	static char block[MARK + BLOCK];
	ssize_t n = read(m->fd, block + MARK, BLOCK);

	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		fprintf(stderr, "a member was put out: %s\n", n ? strerror(errno) : "the end");
		exit(1);
	}
	memcpy(block + MARK - m->kept_length, m->kept, m->kept_length);
	hear_block(m, block + MARK - m->kept_length, m->kept_length + (size_t)n, now());
	return true;
}

/* Until the ticker or the time; true: something came. */
static bool listen_once(int timeout_ms, bool *ticked)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(poller, events, EVENTS, timeout_ms);
	bool any = false;
	uint64_t ticks;

	*ticked = false;
	for (int k = 0; k < n; k++) {
		if (events[k].data.u32 != CLOCK)
			any = hear(&members[events[k].data.u32]) || any;
		else
			*ticked = read(ticker, &ticks, sizeof(ticks)) == sizeof(ticks);
	}
	return any;
}

static void listen_until_quiet(void)
{
	bool ticked;

	while (listen_once(QUIET_MS, &ticked))
		;
}

/* ------ who is there ------ */

static int dial(uint16_t port, int window)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	const struct timeval patience = { .tv_sec = STALLED_S };
	int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (window) {
		setsockopt(s, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
		setsockopt(s, IPPROTO_TCP, TCP_MAXSEG, &(int){ SILENT_SEGMENT }, sizeof(int));
	}
	setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (s < 0 || connect(s, (struct sockaddr *)&to, sizeof(to)) != 0)
		die("connect");
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	fcntl(s, F_SETFL, O_NONBLOCK);
	return s;
}

static int join(uint16_t port, size_t number, int window)
{
	int s = dial(port, window), length;
	char nick[32];

	length = snprintf(nick, sizeof(nick), "bench%zu\n", number);
	if (named && write(s, nick, (size_t)length) != length)
		die("write");
	return s;
}

/* The silent ones come last. They, too, read what a newcomer is told. */
static void join_all(uint16_t port, size_t count, size_t silent)
{
	bool ticked;

	poller = epoll_create1(0);
	ticker = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	watch(ticker, CLOCK);
	members = take(count + silent, sizeof(*members));
	buckets = take(BUCKETS, sizeof(*buckets));
	for (size_t i = 0; i < count + silent; i++) {
		members[i].fd = join(port, i, i < count ? 0 : SILENT_WINDOW);
		watch(members[i].fd, (uint32_t)i);
		listen_once(0, &ticked);
	}
	listen_until_quiet();
	for (size_t i = count; i < count + silent; i++)
		epoll_ctl(poller, EPOLL_CTL_DEL, members[i].fd, NULL);
	member_count = count;
}

/* ------ what is said ------ */

static void send_rest(struct member *m)
{
	ssize_t n = write(m->fd, m->unsent, m->unsent_length);

	if (n < 0 && errno != EAGAIN)
		die("write");
	if (n <= 0)
		return;
	m->unsent_length -= (size_t)n;
	memmove(m->unsent, m->unsent + n, m->unsent_length);
}

/* False: this member's last line is not out yet. */
static bool say(struct member *m, uint64_t due)
{
	if (m->unsent_length > 0)
		send_rest(m);
	if (m->unsent_length > 0)
		return false;
	snprintf(m->unsent, sizeof(m->unsent), "@@%016" PRIx64 "@", due);
	memset(m->unsent + MARK, 'x', line_bytes - MARK);
	m->unsent[line_bytes] = '\n';
	m->unsent_length = line_bytes + 1;
	send_rest(m);
	return true;
}

static void tick_at(uint64_t when)
{
	struct itimerspec at = { .it_value = { .tv_sec = (time_t)(when / 1000000000u),
					       .tv_nsec = (long)(when % 1000000000u) } };

	timerfd_settime(ticker, TFD_TIMER_ABSTIME, &at, NULL);
}

/* All lines, and what is heard meanwhile; *said: how many went out. */
static void say_all(uint64_t began, double gap_ns, size_t lines, size_t *said)
{
	const uint64_t last = began + (uint64_t)(gap_ns * (double)lines) + REST_S * 1000000000ull;
	bool ticked;

	*said = 0;
	while (*said < lines && now() < last) {
		const uint64_t due = began + (uint64_t)(gap_ns * (double)*said);

		if (due <= now() && say(&members[*said % talker_count], due)) {
			++*said;
			listen_once(0, &ticked);
			continue;
		}
		tick_at(due > now() ? due : now() + 1000000);
		listen_once(1000, &ticked);
	}
}

/* ------ figures ------ */

static double percentile(double part)
{
	uint64_t total = 0, seen = 0;

	for (size_t i = 0; i < BUCKETS; i++)
		total += buckets[i];
	for (size_t i = 0; i < BUCKETS; i++) {
		seen += buckets[i];
		if (seen > 0 && (double)seen >= part * (double)total)
			return ((double)i + 0.5) * 10;
	}
	return 0;
}

/* Lines come in order: those that never came are the last ones. Returns how many that were. */
static uint64_t note_missing(uint64_t began, double gap_ns, size_t lines)
{
	const uint64_t end = now();
	uint64_t missing = 0;

	for (size_t k = 0; k < member_count; k++) {
		const struct member *m = &members[k];
		const uint64_t own =
			k >= talker_count ? 0 : lines / talker_count + (k < lines % talker_count);
		const uint64_t wanted = lines - own;

		for (uint64_t i = m->heard; i < wanted; i++, missing++)
			note(end - began - (uint64_t)(gap_ns * (double)(i + own)));
	}
	return missing;
}

/* False: it was too much. */
static bool talk(double rate, double seconds)
{
	const size_t lines = (size_t)(rate * seconds);
	const uint64_t wanted = (uint64_t)lines * (member_count - 1);
	const double gap_ns = 1e9 / rate;
	uint64_t began, ended, missing;
	bool ticked;
	size_t said;

	memset(buckets, 0, BUCKETS * sizeof(*buckets));
	deliveries = 0;
	for (size_t k = 0; k < member_count; k++)
		members[k].heard = 0;
	began = now() + 1000000;
	say_all(began, gap_ns, lines, &said);
	ended = now() + REST_S * 1000000000ull;
	tick_at(ended);
	while (deliveries < wanted && now() < ended)
		listen_once(REST_S * 1000, &ticked);
	ended = now();
	missing = note_missing(began, gap_ns, lines);
	printf("rate=%.0f each_second=%.0f p50_us=%.0f p99_us=%.0f missing=%" PRIu64
	       " more=%" PRIu64 " unsaid=%zu\n",
	       rate, (double)deliveries / ((double)(ended - began) * 1e-9), percentile(0.5),
	       percentile(0.99), missing, deliveries + missing - wanted, lines - said);
	fflush(stdout);
	listen_until_quiet();
	return missing == 0 && percentile(0.99) < TOO_LATE_US;
}

int main(int argc, char **argv)
{
	char byte;

	signal(SIGPIPE, SIG_IGN);
	if (argc < 5 || (strcmp(argv[1], "idle") != 0 && argc < 10)) {
		fputs("usage: see the head of chatgen.c\n", stderr);
		return 2;
	}
	named = strcmp(argv[3], "nick") == 0;
	join_all((uint16_t)strtoul(argv[2], NULL, 10), strtoul(argv[4], NULL, 10),
		 argc > 9 ? strtoul(argv[5], NULL, 10) : 0);
	if (strcmp(argv[1], "idle") == 0) {
		printf("held=%zu\n", member_count);
		fflush(stdout);
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
		return 0;
	}
	talker_count = strtoul(argv[6], NULL, 10);
	line_bytes = strtoul(argv[7], NULL, 10);
	if (talker_count == 0 || talker_count > member_count || line_bytes < MARK ||
	    line_bytes >= LINE_MAX_BYTES)
		return 2;
	for (int i = 9, failed = 0; i < argc && failed < 2; i++)
		failed = talk(strtod(argv[i], NULL), strtod(argv[8], NULL)) ? 0 : failed + 1;
	return 0;
}
