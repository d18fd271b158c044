/* SPDX-License-Identifier: MIT */
/* tests/unit/connect/dialogue.c
 * Holds: a greeting is shown first and answers nothing; messages go out one at a time, each after
 * the reply before it; after the last our side is half-closed and the rest is read; a peer that
 * ends early leaves messages unsent (failure), one that ends after the last does not; typed lines
 * follow the list, an empty line ends; labels; line and length framing; a message or a reply over
 * the limit; idle limit; a reset after a partial reply shows it. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/connect/dialogue.h>
#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/layer_stdio.h>

static int input[2], output[2], peer;
static struct stream *local, *remote;
static struct ev_loop *loop;
static struct dialogue *dialogue;
static struct relay_report report;
static bool ended;
static const char *const two[] = { "one", "two", NULL };

static void set_up(void)
{
	int pair[2];

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(input), 0);
	cr_assert_eq(pipe(output), 0);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	peer = pair[1];
	remote = layer_socket_new(pair[0], true);
	local = layer_stdio_new(input[0], output[1], "input", "output");
	loop = ev_loop_new(EVFLAG_NOENV);
	ended = false;
}

static void tear_down(void)
{
	dialogue_free(dialogue);
	dialogue = NULL;
	stream_free(local);
	stream_free(remote);
	ev_loop_destroy(loop);
}

TestSuite(dialogue, .init = set_up, .fini = tear_down, .timeout = 30);

static void on_done(void *data, const struct relay_report *r)
{
	(void)data;
	report = *r;
	ended = true;
	ev_break(loop, EVBREAK_ALL);
}

/* What a test does not give is the usual. */
static const struct dialogue_options *with(struct dialogue_options *o)
{
	o->max_message = o->max_message ? o->max_message : 1000;
	o->greeting_ms = o->greeting_ms ? o->greeting_ms : 20;
	o->idle_ms = o->idle_ms ? o->idle_ms : -1;
	o->max_ms = -1;
	return o;
}

#define START(...)                                                                                 \
	dialogue = dialogue_new(loop, local, remote,                                               \
				with(&(struct dialogue_options){ __VA_ARGS__ }), on_done, NULL)

static void run_to_end(void)
{
	if (!ended)
		ev_run(loop, 0);
	cr_assert(ended);
}

static void expect_bytes(int fd, const char *bytes, size_t length)
{
	struct pollfd wait = { fd, POLLIN, 0 };
	char got[256] = { 0 };
	size_t n = 0;

	while (n < length) {
		ssize_t count;

		if (poll(&wait, 1, 0) == 0) {
			cr_assert_not(ended, "%s", report.failure.text);
			ev_run(loop, EVRUN_NOWAIT);
			continue;
		}
		count = read(fd, got + n, length - n);
		cr_assert(count > 0);
		n += (size_t)count;
	}
	cr_assert_eq(memcmp(got, bytes, length), 0, "got %s", got);
}

static void expect(int fd, const char *text)
{
	expect_bytes(fd, text, strlen(text));
}

static void expect_end(int fd)
{
	struct pollfd wait = { fd, POLLIN, 0 };
	char byte;

	while (poll(&wait, 1, 0) == 0)
		ev_run(loop, EVRUN_NOWAIT);
	cr_assert_eq(read(fd, &byte, 1), 0);
}

static void say(int fd, const char *text)
{
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void expect_nothing(int fd)
{
	struct pollfd wait = { fd, POLLIN, 0 };

	for (int turn = 0; turn < 10; turn++)
		ev_run(loop, EVRUN_NOWAIT);
	cr_assert_eq(poll(&wait, 1, 0), 0);
}

Test(dialogue, takes_turns_after_a_greeting)
{
	START(.messages = two, .message_count = 2, .greeting_ms = 20000);
	say(peer, "Welcome!");
	expect(output[0], "Welcome!\n");
	expect(peer, "one");
	expect_nothing(peer);
	say(peer, "1\n");
	expect(output[0], "1\n");
	expect(peer, "two");
	expect_end(peer);
	say(peer, "2");
	close(peer);
	run_to_end();
	expect(output[0], "2\n");
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
	cr_assert_eq(report.bytes[RELAY_UP], 6);
}

Test(dialogue, goes_on_without_a_greeting)
{
	START(.messages = two, .message_count = 1, .reply_label = "server: ");
	expect(peer, "one");
	say(peer, "yes");
	expect(output[0], "server: yes");
	say(peer, ", and more");
	close(peer);
	run_to_end();
	expect(output[0], ", and more\n");
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
}

Test(dialogue, writes_a_long_last_answer_as_it_comes)
{
	char block[4096], got[4096];
	size_t sent = 0, received = 0;
	struct pollfd ends[2] = { { peer, POLLOUT, 0 }, { output[0], POLLIN, 0 } };

	memset(block, 'x', sizeof(block));
	START(.messages = two, .message_count = 1, .max_message = 3);
	expect(peer, "one");
	while (received < 1 << 20) {
		cr_assert_not(ended, "%s", report.failure.text);
		poll(ends, 2, 0);
		if (sent < 1 << 20 && (ends[0].revents & POLLOUT))
			sent += (size_t)write(peer, block, sizeof(block));
		if (ends[1].revents & POLLIN)
			received += (size_t)read(output[0], got, sizeof(got));
		ev_run(loop, EVRUN_NOWAIT);
	}
	close(peer);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
	cr_assert_eq(received, sent);
	expect(output[0], "\n");
}

Test(dialogue, says_what_the_peer_left_unheard)
{
	START(.messages = two, .message_count = 2);
	expect(peer, "one");
	shutdown(peer, SHUT_WR);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_RECEIVE);
	cr_assert_str_eq(report.failure.text,
			 "the peer ended the conversation with 1 of 2 messages unsent");
}

Test(dialogue, ends_well_when_the_peer_leaves_after_the_last_message)
{
	START(.messages = two, .message_count = 1);
	expect(peer, "one");
	close(peer);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
}

Test(dialogue, asks_for_lines_until_an_empty_one)
{
	START(.prompt = "say: ", .framing = FRAMING_LINE);
	say(input[1], "hello\nagain\n\nnot this\n");
	expect(peer, "hello\n");
	expect_nothing(peer);
	say(peer, "you too\n");
	expect(output[0], "you too\n");
	expect(peer, "again\n");
	say(peer, "bye\n");
	expect_end(peer);
	close(peer);
	run_to_end();
	expect(output[0], "bye\n");
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
}

Test(dialogue, ends_when_the_peer_leaves_at_the_prompt)
{
	START(.prompt = "say: ");
	close(peer);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
}

Test(dialogue, frames_by_length)
{
	START(.messages = two, .message_count = 1, .framing = FRAMING_LENGTH);
	expect_bytes(peer, "\0\0\0\3one", 7);
	cr_assert_eq(write(peer, "\0\0\0\2hi\0\0", 8), 8);
	expect(output[0], "hi\n");
	cr_assert_eq(write(peer, "\0\1x", 3), 3);
	close(peer);
	run_to_end();
	expect(output[0], "x\n");
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
}

Test(dialogue, refuses_messages_over_the_limit)
{
	START(.messages = two, .message_count = 2, .max_message = 2);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_SIZE);
	cr_assert_str_eq(report.failure.text, "a message of 3 bytes is over --max-message (2)");
}

Test(dialogue, refuses_replies_over_the_limit)
{
	START(.messages = two, .message_count = 1, .max_message = 4, .framing = FRAMING_LINE);
	expect(peer, "one\n");
	say(peer, "far too long");
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_SIZE, "%s", report.failure.text);
}

Test(dialogue, has_an_idle_limit)
{
	START(.messages = two, .message_count = 2, .idle_ms = 30, .greeting_ms = 1);
	run_to_end();
	cr_assert_eq(report.failure.class, FAILURE_TIMEOUT);
	cr_assert_str_eq(report.failure.text, "no bytes either way for 30 ms (--idle-timeout)");
}

Test(dialogue, shows_a_reply_that_was_cut)
{
	START(.messages = two, .message_count = 1, .framing = FRAMING_LINE);
	expect(peer, "one\n");
	say(peer, "half a li");
	close(peer);
	run_to_end();
	expect(output[0], "half a li\n");
	cr_assert_eq(report.failure.class, FAILURE_NONE, "%s", report.failure.text);
}
