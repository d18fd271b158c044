/* SPDX-License-Identifier: MIT */
/* tests/unit/relay/bridge.c
 * Holds: bytes go both ways and each end is passed on alone, a late answer too; who ended first is
 * told; a reset of either side comes after the bytes before it, and only once the other side has
 * them; what a side that takes nothing more still gives goes through; a slow side is waited for;
 * both sides failing; settling; idle time; nothing is said twice; freeing at any time; pipes are
 * given back at rest; layers that fail or hold bytes. */
#include "relay_played.h"
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/relay/bridge.h>
#include <sockutil/stream/layer_pushback.h>
#include <sockutil/stream/layer_socket.h>

/* peers[i] is the other end of side i's connection. */
static struct stream *streams[2];
static int peers[2];
static struct ev_loop *loop;
static struct bridge *bridge;
static struct bridge_report report;
static unsigned told;

static void set_up(void)
{
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < 2; i++) {
		int pair[2];

		sockets_tcp_pair(pair);
		streams[i] = layer_socket_new(pair[0], true);
		peers[i] = pair[1];
	}
	loop = ev_loop_new(EVFLAG_NOENV);
	told = 0;
}

static void tear_down(void)
{
	bridge_free(bridge);
	bridge = NULL;
	for (int i = 0; i < 2; i++)
		stream_free(streams[i]);
	ev_loop_destroy(loop);
}

TestSuite(bridge, .init = set_up, .fini = tear_down, .timeout = 30);

static void on_done(void *data, const struct bridge_report *r)
{
	cr_assert_eq(data, &report);
	report = *r;
	told++;
}

static void start(struct bridge_options options)
{
	bridge = bridge_new(loop, streams[0], streams[1], &options, on_done, &report);
}

static void turn(int turns)
{
	for (int i = 0; i < turns; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

static void run_to_end(void)
{
	while (!told)
		ev_run(loop, EVRUN_ONCE);
	turn(5);
	cr_assert_eq(told, 1);
}

static void run_until_readable(int fd)
{
	struct pollfd wait = { fd, POLLIN, 0 };

	while (poll(&wait, 1, 0) == 0)
		ev_run(loop, EVRUN_NOWAIT);
}

static void say(int from, const char *text)
{
	sockets_give(peers[from], text, strlen(text));
}

static void expect(int at, const char *text)
{
	char got[64] = { 0 };

	run_until_readable(peers[at]);
	cr_assert_eq(read(peers[at], got, sizeof got - 1), (ssize_t)strlen(text));
	cr_assert_str_eq(got, text);
}

static void expect_end(int at)
{
	char byte;

	run_until_readable(peers[at]);
	cr_assert_eq(read(peers[at], &byte, 1), 0);
}

Test(bridge, passes_bytes_and_ends_both_ways)
{
	for (int first = 0; first < 2; first++) {
		start((struct bridge_options){ 0 });
		say(first, "question");
		expect(!first, "question");
		shutdown(peers[first], SHUT_WR);
		expect_end(!first);
		turn(20);
		say(!first, "late answer");
		expect(first, "late answer");
		cr_assert_eq(told, 0);
		shutdown(peers[!first], SHUT_WR);
		run_to_end();
		expect_end(first);
		cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
		cr_assert_eq(report.side, (enum bridge_side)first);
		cr_assert_eq(report.bytes[first], 8);
		cr_assert_eq(report.bytes[!first], 11);
		tear_down();
		close(peers[0]);
		close(peers[1]);
		set_up();
	}
}

Test(bridge, counts_what_has_passed)
{
	start((struct bridge_options){ 0 });
	say(0, "abc");
	expect(1, "abc");
	turn(5);
	cr_assert_eq(bridge_bytes(bridge, BRIDGE_CLIENT), 3);
	cr_assert_eq(bridge_bytes(bridge, BRIDGE_SERVER), 0);
}

Test(bridge, a_reset_comes_after_the_bytes_before_it)
{
	for (int side = 0; side < 2; side++) {
		start((struct bridge_options){ 0 });
		say(side, "last words");
		sockets_reset(peers[side]);
		run_to_end();
		cr_assert_eq(report.failure.class, FAILURE_RECEIVE, "%s", report.failure.text);
		cr_assert_str_eq(report.failure.text, "connection reset by peer");
		cr_assert_eq(report.side, (enum bridge_side)side);
		cr_assert_eq(report.bytes[side], 10);
		/* what the owner does then overtakes nothing */
		layer_socket_abort(streams[!side]);
		bridge_free(bridge);
		bridge = NULL;
		stream_free(streams[!side]);
		streams[!side] = NULL;
		expect(!side, "last words");
		cr_assert_eq(read(peers[!side], &(char){ 0 }, 1), -1);
		cr_assert_eq(errno, ECONNRESET);
		tear_down();
		set_up();
	}
}

/* Bytes in flight: the other side's kernel has not taken them all. */
Test(bridge, a_reset_waits_for_a_slow_side)
{
	const size_t size = 2 << 20;
	char *bytes = calloc(1, size);
	size_t got = 0;
	ssize_t n;

	start((struct bridge_options){ 0 });
	for (size_t given = 0; given < size;) {
		n = send(peers[1], bytes + given, size - given, MSG_DONTWAIT);
		given += n > 0 ? (size_t)n : 0;
		turn(1);
	}
	/* all of it left the peer; its reset must not take back what nobody has read */
	turn(50);
	while (bridge_bytes(bridge, BRIDGE_SERVER) < size && !told) {
		n = recv(peers[0], bytes, 1000, MSG_DONTWAIT);
		got += n > 0 ? (size_t)n : 0;
		turn(1);
	}
	sockets_reset(peers[1]);
	turn(50);
	while (!told || got < size) {
		n = recv(peers[0], bytes, size, MSG_DONTWAIT);
		cr_assert_neq(n, 0);
		got += n > 0 ? (size_t)n : 0;
		turn(1);
	}
	cr_assert_eq(got, size);
	cr_assert_neq(report.failure.class, FAILURE_NONE);
	cr_assert_eq(report.side, BRIDGE_SERVER);
	free(bytes);
}

/* A server that answers and closes before it has read everything. */
Test(bridge, an_early_answer_goes_through)
{
	start((struct bridge_options){ 0 });
	say(0, "half of a question");
	turn(20);
	say(1, "no");
	close(peers[1]);
	run_to_end();
	cr_assert_eq(report.side, BRIDGE_SERVER);
	cr_assert_eq(report.failure.class, FAILURE_SEND, "%s", report.failure.text);
	cr_assert_eq(report.bytes[BRIDGE_SERVER], 2);
	expect(0, "no");
}

/* A Unix socket can be shut for reading alone: writing fails while its bytes still come. */
Test(bridge, what_a_deaf_side_says_goes_through)
{
	int pair[2];

	stream_free(streams[1]);
	close(peers[1]);
	sockets_unix_pair(pair);
	streams[1] = layer_socket_new(pair[0], true);
	peers[1] = pair[1];
	start((struct bridge_options){ 0 });
	shutdown(peers[1], SHUT_RD);
	say(0, "nobody listens");
	turn(20);
	say(1, "still talking");
	expect(0, "still talking");
	cr_assert_eq(told, 0);
	shutdown(peers[1], SHUT_WR);
	run_to_end();
	cr_assert_eq(report.side, BRIDGE_SERVER);
	cr_assert_eq(report.failure.class, FAILURE_SEND);
}

Test(bridge, both_sides_fail)
{
	start((struct bridge_options){ 0 });
	sockets_reset(peers[0]);
	sockets_reset(peers[1]);
	run_to_end();
	cr_assert_neq(report.failure.class, FAILURE_NONE);
}

Test(bridge, settles_when_told)
{
	start((struct bridge_options){ .settle = true });
	say(0, "x");
	shutdown(peers[0], SHUT_WR);
	shutdown(peers[1], SHUT_WR);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
	expect(1, "x");
	expect_end(0);
}

Test(bridge, idles_out)
{
	start((struct bridge_options){ .idle_ms = 50 });
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_TIMEOUT);
	cr_assert_str_eq(report.failure.text, "no byte came or went for 50ms (--idle-timeout)");
}

Test(bridge, bytes_start_the_idle_time_anew)
{
	const ev_tstamp begin = ev_time();

	start((struct bridge_options){ .idle_ms = 200 });
	while (!told && ev_time() - begin < 0.5) {
		say(0, "x");
		turn(1);
		usleep(5000);
	}
	cr_assert_eq(told, 0);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_TIMEOUT);
}

/* What was read too far comes first, and then the socket's own bytes. */
Test(bridge, begins_with_what_is_pending)
{
	struct stream *pushback = layer_pushback_new(streams[0]);

	streams[0] = pushback;
	cr_assert(layer_pushback_unread(pushback, "read before ", 12));
	start((struct bridge_options){ 0 });
	expect(1, "read before ");
	say(0, "and now");
	expect(1, "and now");
}

/* No descriptor to splice with: copied. */
Test(bridge, a_layer_that_takes_nothing)
{
	struct played side;

	played_init(&side);
	side.then = IO_END;
	side.write_fails = true;
	say(0, "x");
	bridge = bridge_new(loop, streams[0], &side.stream, &(struct bridge_options){ 0 }, on_done,
			    &report);
	run_to_end();
	cr_assert_eq(report.side, BRIDGE_SERVER);
	cr_assert_str_eq(report.failure.text, "played loss");
	bridge_free(bridge);
	bridge = NULL;
	played_free(&side);
}

static unsigned descriptors(void)
{
	DIR *folder = opendir("/dev/fd");
	unsigned count = 0;

	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

Test(bridge, holds_nothing_at_rest)
{
	enum { BRIDGES = 40 };
	struct bridge *many[BRIDGES];
	struct stream *ends[BRIDGES][2];
	int far[BRIDGES][2];
	unsigned before;
	char got[8];

	for (int i = 0; i < BRIDGES; i++) {
		for (int side = 0; side < 2; side++) {
			int pair[2];

			sockets_tcp_pair(pair);
			ends[i][side] = layer_socket_new(pair[0], true);
			far[i][side] = pair[1];
		}
		many[i] = bridge_new(loop, ends[i][0], ends[i][1], &(struct bridge_options){ 0 },
				     on_done, &report);
	}
	before = descriptors();
	for (int i = 0; i < BRIDGES; i++)
		sockets_give(far[i][0], "x", 1);
	for (int i = 0; i < BRIDGES; i++) {
		run_until_readable(far[i][1]);
		cr_assert_eq(read(far[i][1], got, sizeof got), 1);
	}
	turn(5);
	/* four pipes are kept for whoever moves next */
	cr_assert_leq(descriptors(), before + 8);
	for (int i = 0; i < BRIDGES; i++) {
		bridge_free(many[i]);
		for (int side = 0; side < 2; side++) {
			stream_free(ends[i][side]);
			close(far[i][side]);
		}
	}
	cr_assert_eq(told, 0);
}

Test(bridge, can_be_freed_before_anything_happened)
{
	start((struct bridge_options){ .idle_ms = 100 });
	bridge_free(bridge);
	bridge_free(NULL);
	bridge = NULL;
	turn(5);
	cr_assert_eq(told, 0);
}

static void free_inside(void *data, const struct bridge_report *r)
{
	(void)data;
	(void)r;
	bridge_free(bridge);
	bridge = NULL;
	told++;
}

Test(bridge, can_be_freed_when_it_is_done)
{
	bridge = bridge_new(loop, streams[0], streams[1], &(struct bridge_options){ 0 },
			    free_inside, NULL);
	say(0, "x");
	sockets_reset(peers[0]);
	while (!told)
		ev_run(loop, EVRUN_ONCE);
	turn(5);
	cr_assert_eq(told, 1);
}
