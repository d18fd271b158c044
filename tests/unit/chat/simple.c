/* SPDX-License-Identifier: MIT */
/* tests/unit/chat/simple.c
 * Holds: the prompt of either role; a typed line goes out with its end; what comes is shown behind
 * who said it, and both ways at once; nobody can say what looks like our own words; an empty line
 * ends it, what was piped behind it is not said; the end of input ends it; what the other one still
 * says is shown, until its end or for a while; its end ends ours, behind what stands in a pipe;
 * lines that nobody takes stop the input, and are no success; a reset fails, what was said before
 * it is shown; a reader of the output that left is told; leaving from outside; over comes once. */
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/chat/simple.h>
#include <sockutil/stream/layer_socket.h>

static struct ev_loop *loop;
static struct stream *stream;
static struct chat_simple *simple;
static int input, output, peer; /* the test's ends */
static int told;
static struct failure result;

static void on_over(void *data, const struct failure *why)
{
	cr_assert_eq(data, &told);
	told++;
	result = *why;
	ev_break(loop, EVBREAK_ALL);
}

/* Standard input and output are pipes that the test holds. */
static void set_up(void)
{
	int in[2], out[2], pair[2];

	signal(SIGPIPE, SIG_IGN);
	sockets_tcp_pair(pair);
	stream = layer_socket_new(pair[0], true);
	peer = pair[1];
	cr_assert_eq(pipe(in), 0);
	cr_assert_eq(pipe(out), 0);
	cr_assert_eq(dup2(in[0], STDIN_FILENO), STDIN_FILENO);
	cr_assert_eq(dup2(out[1], STDOUT_FILENO), STDOUT_FILENO);
	close(in[0]);
	close(out[1]);
	input = in[1];
	output = out[0];
	loop = ev_loop_new(EVFLAG_NOENV);
	told = 0;
}

static void tear_down(void)
{
	struct failure why = { 0 };

	chat_simple_free(simple, &why);
	stream_free(stream);
	ev_loop_destroy(loop);
}

TestSuite(simple, .init = set_up, .fini = tear_down, .timeout = 30);

static void start(bool server)
{
	const struct chat_simple_options options = {
		.loop = loop,
		.stream = stream,
		.server = server,
		.over = on_over,
		.data = &told,
	};
	struct failure why = { 0 };

	simple = chat_simple_new(&options, &why);
	cr_assert(simple, "%s", why.text);
}

/* Turns the loop until that is what comes. */
static void expect(int fd, const char *text)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char got[1000] = "";
	size_t n = 0;

	while (n < strlen(text)) {
		ssize_t count;

		if (poll(&wait, 1, 1) == 0) {
			ev_run(loop, EVRUN_NOWAIT);
			continue;
		}
		count = read(fd, got + n, strlen(text) - n);
		cr_assert_gt(count, 0, "after \"%s\"", got);
		n += (size_t)count;
	}
	cr_assert_str_eq(got, text);
}

static void expect_end(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char byte;

	while (poll(&wait, 1, 1) == 0)
		ev_run(loop, EVRUN_NOWAIT);
	cr_assert_eq(read(fd, &byte, 1), 0);
}

static void say(int fd, const char *text)
{
	sockets_give(fd, text, strlen(text));
}

static void run_to_end(enum failure_class class, const char *text)
{
	if (!told)
		ev_run(loop, 0);
	cr_assert_eq(result.class, class, "%s", result.text);
	cr_assert_str_eq(result.text, text);
	ev_run(loop, EVRUN_NOWAIT);
	cr_assert_eq(told, 1);
}

static void run_to_success(void)
{
	run_to_end(FAILURE_NONE, "");
}

Test(simple, a_server_and_its_client)
{
	start(true);
	expect(output, "server:");
	say(input, "hello\n");
	expect(peer, "hello\n");
	say(peer, "hi");
	expect(output, "\nFrom client:\nhi\nserver:");
	say(peer, "there\n");
	expect(output, "\nFrom client:\nthere\nserver:");
}

Test(simple, a_client_and_its_server)
{
	start(false);
	expect(output, "client:");
	say(peer, "hi\n");
	expect(output, "\nFrom server:\nhi\nclient:");
	say(input, "hello\n");
	expect(peer, "hello\n");
}

Test(simple, nobody_says_what_looks_like_our_own_words)
{
	start(true);
	expect(output, "server:");
	say(peer, "yes\nserver:I owe you all\n\x1b[A\n");
	expect(output, "\nFrom client:\nyes\nFrom client:\nserver:I owe you all\n"
		       "From client:\n\\x1b[A\nserver:");
}

Test(simple, an_empty_line_ends_it)
{
	start(false);
	expect(output, "client:");
	say(input, "last\n\nnever said\n");
	expect(peer, "last\n");
	expect_end(peer);
	say(peer, "bye\n");
	expect(output, "\nFrom server:\nbye\n");
	close(peer);
	run_to_success();
}

Test(simple, the_end_of_input_ends_it)
{
	start(false);
	say(input, "without an end");
	close(input);
	expect(peer, "without an end\n");
	expect_end(peer);
	close(peer);
	run_to_success();
}

Test(simple, both_at_once)
{
	char line[64], shown[128];

	start(true);
	expect(output, "server:");
	for (int i = 0; i < 50; i++) {
		snprintf(line, sizeof(line), "line %d\n", i);
		say(input, line);
		say(peer, line);
		expect(peer, line);
		snprintf(shown, sizeof(shown), "\nFrom client:\n%sserver:", line);
		expect(output, shown);
	}
	close(input);
	close(peer);
	run_to_success();
}

Test(simple, a_silent_other_one_is_not_waited_for_long)
{
	start(false);
	say(input, "hello\n");
	expect(peer, "hello\n");
	chat_simple_leave(simple, 50);
	run_to_success();
	chat_simple_leave(simple, 50);
	expect_end(peer);
}

Test(simple, its_end_ends_ours)
{
	uint64_t received = 0, sent = 0;

	start(true);
	say(input, "hello\n");
	expect(peer, "hello\n");
	say(peer, "bye");
	shutdown(peer, SHUT_WR);
	run_to_success();
	expect_end(peer);
	chat_simple_count(simple, &received, &sent);
	cr_assert_eq(received, 3);
	cr_assert_eq(sent, 6);
}

Test(simple, what_stands_in_a_pipe_is_still_said)
{
	start(false);
	expect(output, "client:");
	say(peer, "bye");
	shutdown(peer, SHUT_WR);
	expect(output, "\nFrom server:\nbye\nclient:");
	say(input, "one\n");
	expect(peer, "one\n");
	say(input, "two\n");
	expect(peer, "two\n");
	run_to_success();
	expect_end(peer);
}

/* Until the pipe takes no more, and would not take any more later. */
static size_t fill_input(void)
{
	static char lines[4096];
	size_t total = 0;
	int idle = 0;

	memset(lines, 'x', sizeof(lines));
	lines[sizeof(lines) - 1] = '\n';
	cr_assert_eq(fcntl(input, F_SETFL, O_NONBLOCK), 0);
	while (idle < 100) {
		const ssize_t n = write(input, lines, sizeof(lines));

		idle = n > 0 ? 0 : idle + 1;
		total += n > 0 ? (size_t)n : 0;
		ev_run(loop, EVRUN_NOWAIT);
	}
	return total;
}

Test(simple, what_nobody_takes_stops_the_input)
{
	static char got[1 << 16];
	size_t total, drained = 0;

	setsockopt(stream_fd(stream, STREAM_WRITE), SOL_SOCKET, SO_SNDBUF, &(int){ 8192 },
		   sizeof(int));
	start(true);
	total = fill_input();
	close(input);
	while (drained < total) {
		struct pollfd wait = { .fd = peer, .events = POLLIN };
		ssize_t n = poll(&wait, 1, 1) == 1 ? read(peer, got, sizeof(got)) : 0;

		cr_assert_geq(n, 0);
		drained += (size_t)n;
		ev_run(loop, EVRUN_NOWAIT);
	}
	cr_assert_eq(drained, total);
	close(peer);
	run_to_success();
}

Test(simple, what_nobody_took_is_no_success)
{
	if (!sockets_queue_known())
		cr_skip_test("the send queue is not told here");
	start(true);
	fill_input();
	chat_simple_leave(simple, 50);
	run_to_end(FAILURE_SEND, "the other side does not take what was sent; it may be lost");
}

Test(simple, a_reset_fails_and_what_came_before_is_shown)
{
	start(true);
	expect(output, "server:");
	say(input, "hello\n");
	expect(peer, "hello\n");
	say(peer, "wait");
	expect(output, "\nFrom client:\nwait\nserver:");
	sockets_reset(peer);
	run_to_end(FAILURE_SEND, "connection reset by peer; what was sent may be lost");
}

Test(simple, a_reader_of_the_output_that_left_is_told)
{
	start(true);
	expect(output, "server:");
	close(output);
	say(peer, "hello");
	if (!told)
		ev_run(loop, 0);
	cr_assert_eq(result.class, FAILURE_READER_GONE, "%s", result.text);
}

Test(simple, a_person_who_reads_slowly_stops_the_other_one)
{
	static char text[1000];
	size_t filled = 0, taken = 0;
	int idle = 0;

	memset(text, 'y', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	start(true);
	while (idle < 100) {
		const ssize_t n = send(peer, text, sizeof(text), MSG_DONTWAIT | MSG_NOSIGNAL);

		idle = n == sizeof(text) ? 0 : idle + 1;
		filled += n > 0 ? (size_t)n : 0;
		ev_run(loop, EVRUN_NOWAIT);
	}
	shutdown(peer, SHUT_WR);
	cr_assert_eq(fcntl(output, F_SETFL, O_NONBLOCK), 0);
	while (!told || taken < filled) {
		static char got[1 << 16];
		const ssize_t n = read(output, got, sizeof(got));

		for (ssize_t i = 0; i < n; i++)
			taken += got[i] == 'y';
		if (n < 0 && told)
			break;
		ev_run(loop, EVRUN_NOWAIT);
	}
	cr_assert_eq(result.class, FAILURE_NONE, "%s", result.text);
	cr_assert_gt(taken, 64 * 1024);
}
