/* SPDX-License-Identifier: MIT */
/* tests/unit/relay/relay.c
 * Holds: bytes go both ways and each end is passed on alone; a late answer is waited for; the local
 * side's silence after the remote's end ends the relay, or not (keep sending); input still goes up
 * after the remote's end; -N, --recv-only, --send-only, --quit-after, the end with the local side
 * and the patient end; a reset is told after the bytes before it; idle and total limits; the local
 * reader leaving is noticed while the peer is silent; drain, of the remote side too; the end with
 * the local side asked for late; a program that reads no more, and one that nobody listens to. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/relay/relay.h>
#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/layer_stdio.h>

/* The user writes to input[1] and reads from output[0]; the peer is the other end of a TCP
 * connection. */
static int input[2], output[2], ends[2], peer;
static struct stream *local, *remote;
static struct ev_loop *loop;
static struct relay *relay;
static struct relay_report report;
static bool ended;

static int tcp_pair(int *accepted)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(bind(listener, (void *)&address, length), 0);
	cr_assert_eq(listen(listener, 1), 0);
	cr_assert_eq(getsockname(listener, (void *)&address, &length), 0);
	cr_assert_eq(connect(client, (void *)&address, length), 0);
	*accepted = accept(listener, NULL, NULL);
	close(listener);
	cr_assert_eq(fcntl(client, F_SETFL, O_NONBLOCK), 0);
	return client;
}

static void set_up(void)
{
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(input), 0);
	cr_assert_eq(pipe(output), 0);
	remote = layer_socket_new(tcp_pair(&peer), true);
	local = layer_stdio_new(input[0], output[1], "input", "output");
	loop = ev_loop_new(EVFLAG_NOENV);
	ended = false;
}

static void tear_down(void)
{
	relay_free(relay);
	relay = NULL;
	stream_free(local);
	stream_free(remote);
	ev_loop_destroy(loop);
}

TestSuite(relay, .init = set_up, .fini = tear_down, .timeout = 30);

static void on_done(void *data, const struct relay_report *r)
{
	(void)data;
	report = *r;
	ended = true;
	ev_break(loop, EVBREAK_ALL);
}

/* Times that a test does not give never come. */
static const struct relay_options *with(struct relay_options *o)
{
	o->idle_ms = o->idle_ms ? o->idle_ms : -1;
	o->max_ms = o->max_ms ? o->max_ms : -1;
	o->quit_after_ms = o->quit_after_ms ? o->quit_after_ms : -1;
	o->silence_ms = o->silence_ms ? o->silence_ms : -1;
	return o;
}

#define OPTIONS(...) with(&(struct relay_options){ __VA_ARGS__ })

static void start(const struct relay_options *options)
{
	relay = relay_new(loop, local, remote, options, on_done, NULL);
}

static void run_to_end(void)
{
	ev_run(loop, 0);
	cr_assert(ended);
}

/* Turns the loop until fd has something to read. */
static void run_until_readable(int fd)
{
	struct pollfd wait = { fd, POLLIN, 0 };

	while (poll(&wait, 1, 0) == 0 && !ended)
		ev_run(loop, EVRUN_NOWAIT);
}

static void expect_read(int fd, const char *text)
{
	char got[64] = { 0 };

	run_until_readable(fd);
	cr_assert_eq(read(fd, got, sizeof(got) - 1), (ssize_t)strlen(text));
	cr_assert_str_eq(got, text);
}

static void expect_end(int fd)
{
	char byte;

	run_until_readable(fd);
	cr_assert_eq(read(fd, &byte, 1), 0);
}

static void say(int fd, const char *text)
{
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void reset_peer(void)
{
	struct linger at_once = { 1, 0 };

	cr_assert_eq(setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
	close(peer);
}

Test(relay, passes_bytes_and_ends_both_ways)
{
	start(OPTIONS(.silence_ms = 500));
	say(input[1], "question");
	expect_read(peer, "question");
	close(input[1]);
	expect_end(peer);
	say(peer, "late answer");
	expect_read(output[0], "late answer");
	close(peer);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
	cr_assert_eq(report.bytes[RELAY_UP], 8);
	cr_assert_eq(report.bytes[RELAY_DOWN], 11);
	cr_assert_str_eq(report.reason, "peer closed");
	expect_end(output[0]);
}

Test(relay, ends_when_the_local_side_is_silent_after_the_remote_end)
{
	start(OPTIONS(.silence_ms = 20));
	close(peer);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
}

Test(relay, sends_what_input_still_gives_after_the_remote_end)
{
	start(OPTIONS(.silence_ms = -1));
	shutdown(peer, SHUT_WR);
	expect_end(output[0]);
	say(input[1], "still here");
	expect_read(peer, "still here");
	cr_assert_not(ended);
	close(input[1]);
	expect_end(peer);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
}

Test(relay, keeps_the_local_end_to_itself)
{
	char byte;

	start(OPTIONS(.no_half_close = true));
	close(input[1]);
	for (int turn = 0; turn < 20; turn++)
		ev_run(loop, EVRUN_NOWAIT);
	cr_assert_eq(recv(peer, &byte, 1, MSG_DONTWAIT), -1);
	cr_assert_eq(errno, EAGAIN);
	shutdown(peer, SHUT_WR);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE);
	expect_end(peer);
}

Test(relay, never_reads_input_when_it_only_receives)
{
	start(OPTIONS(.recv_only = true));
	say(input[1], "untouched");
	say(peer, "news");
	expect_read(output[0], "news");
	shutdown(peer, SHUT_WR);
	run_to_end();
	cr_assert_eq(report.bytes[RELAY_UP], 0);
	expect_end(peer);
	expect_read(input[0], "untouched");
}

Test(relay, drops_what_comes_when_it_only_sends)
{
	start(OPTIONS(.send_only = true));
	say(peer, "noise");
	say(input[1], "data");
	close(input[1]);
	expect_read(peer, "data");
	expect_end(peer);
	close(peer);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
	cr_assert_eq(report.bytes[RELAY_DOWN], 5);
	stream_free(local);
	local = NULL;
	expect_end(output[0]);
}

Test(relay, quits_some_time_after_the_last_byte)
{
	start(OPTIONS(.quit_after_ms = 20, .no_half_close = true));
	say(input[1], "x");
	close(input[1]);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
	cr_assert_str_eq(report.reason, "quit-after");
	expect_read(peer, "x");
}

Test(relay, ends_with_the_local_side_when_told)
{
	start(OPTIONS(.end_with_local = true));
	say(input[1], "all");
	close(input[1]);
	expect_read(peer, "all");
	run_to_end();
	cr_assert_str_eq(report.reason, "input ended");
}

Test(relay, waits_with_an_empty_end_when_patient)
{
	char byte;

	start(OPTIONS(.patient_end = true));
	close(input[1]);
	for (int turn = 0; turn < 20; turn++)
		ev_run(loop, EVRUN_NOWAIT);
	cr_assert_eq(recv(peer, &byte, 1, MSG_DONTWAIT), -1);
	say(peer, "hello");
	expect_read(output[0], "hello");
	shutdown(peer, SHUT_WR);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE);
	expect_end(peer);
}

Test(relay, tells_a_reset_after_the_bytes_before_it)
{
	start(OPTIONS(.silence_ms = 500));
	say(peer, "last words");
	reset_peer();
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_RECEIVE, "%s", report.failure.text);
	cr_assert_eq(report.bytes[RELAY_DOWN], 10);
	expect_read(output[0], "last words");
}

Test(relay, tells_that_bytes_were_lost_when_the_peer_did_not_read_them)
{
	start(OPTIONS(.silence_ms = 500));
	say(input[1], "never read");
	for (int turn = 0; turn < 20; turn++)
		ev_run(loop, EVRUN_NOWAIT);
	close(peer);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_SEND, "%s", report.failure.text);
}

Test(relay, idles_out)
{
	start(OPTIONS(.idle_ms = 20));
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_TIMEOUT);
	cr_assert_str_eq(report.failure.text, "no bytes either way for 20 ms (--idle-timeout)");
}

Test(relay, has_a_total_limit)
{
	start(OPTIONS(.max_ms = 20));
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_TIMEOUT);
	cr_assert_str_eq(report.failure.text, "not done when --max-time ran out");
}

Test(relay, notices_that_its_reader_left_while_the_peer_is_silent)
{
	start(OPTIONS(.silence_ms = 500));
	close(output[0]);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_READER_GONE);
}

Test(relay, drains_what_it_took)
{
	start(OPTIONS(.silence_ms = -1));
	say(input[1], "taken");
	expect_read(peer, "taken");
	relay_drain(relay);
	expect_end(peer);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE);
}

Test(relay, stops_taking_from_the_remote)
{
	start(OPTIONS(.silence_ms = -1));
	say(peer, "taken");
	expect_read(output[0], "taken");
	relay_stop_remote(relay);
	expect_end(output[0]);
	say(peer, "left alone");
	say(input[1], "goes on");
	expect_read(peer, "goes on");
	close(input[1]);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE);
	cr_assert_eq(report.bytes[RELAY_DOWN], 5);
	relay_stop_remote(relay);
	relay_end_with_local(relay);
}

Test(relay, ends_with_the_local_side_from_now_on)
{
	start(OPTIONS(.silence_ms = -1));
	relay_end_with_local(relay);
	say(input[1], "all of it");
	expect_read(peer, "all of it");
	cr_assert_not(ended);
	close(input[1]);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE);
	cr_assert_str_eq(report.reason, "input ended");
}

Test(relay, ends_at_once_when_the_local_side_has_ended)
{
	start(OPTIONS(.silence_ms = -1));
	close(input[1]);
	expect_end(peer);
	cr_assert_not(ended);
	relay_end_with_local(relay);
	if (!ended)
		run_to_end();
	cr_assert_str_eq(report.reason, "input ended");
}

Test(relay, a_program_that_reads_no_more_ends_nothing)
{
	start(OPTIONS(.local_is_program = true));
	close(output[0]);
	for (int turn = 0; turn < 20; turn++)
		ev_run(loop, EVRUN_NOWAIT);
	cr_assert_not(ended);
	say(input[1], "still sent");
	expect_read(peer, "still sent");
}

/* One that waits with what it cannot send would never read what came before. */
Test(relay, what_a_program_says_to_nobody_is_dropped)
{
	static char block[1 << 16];
	size_t said = 0;

	stream_free(remote);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	remote = layer_socket_new(ends[0], true);
	fcntl(input[1], F_SETFL, O_NONBLOCK);
	close(peer);
	say(ends[1], "came before");
	close(ends[1]);
	start(OPTIONS(.local_is_program = true));
	while (said < 4 * sizeof(block) && !ended) {
		const ssize_t n = write(input[1], block, sizeof(block));

		said += n > 0 ? (size_t)n : 0;
		ev_run(loop, EVRUN_NOWAIT);
	}
	expect_read(output[0], "came before");
	if (!ended)
		run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_SEND, "%s", report.failure.text);
	cr_assert_eq(report.bytes[RELAY_UP], 0);
	cr_assert_eq(report.bytes[RELAY_DOWN], 11);
}
