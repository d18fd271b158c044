/* SPDX-License-Identifier: MIT */
/* Heads for people.
 * Holds: -i puts the head in front of the body, all heads of redirects, -I the head alone; -D goes
 * to a file of its own, of failures as well; a terminal gets no control characters, a pipe all
 * there are; standard output that takes nothing for a while holds the body back, is no failure of
 * the server's, and nothing goes on after a stop; one whose reader is gone ends it. */
#include "get_transferring.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HELLO    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define GO       "HTTP/1.1 302 Go\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"
#define COLOURED "HTTP/1.1 200 \033[31mRed\r\nX: \033]0;title\r\nContent-Length: 0\r\n\r\n"

/* Standard output is a pipe, whose other end is returned. */
static int piped(void)
{
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	close(ends[1]);
	cr_assert_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	return ends[0];
}

static void assert_shown(int fd, const char *expected)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char text[1000] = "";
	size_t length = 0;

	while (length < strlen(expected) && poll(&ready, 1, 5000) > 0) {
		ssize_t n = read(fd, text + length, sizeof(text) - 1 - length);

		if (n <= 0)
			break;
		length += (size_t)n;
	}
	cr_assert_str_eq(text, expected);
	cr_assert(read(fd, text, sizeof(text)) <= 0);
}

static void prepare(struct transferring *t, const char *first, const char *second)
{
	const struct reply replies[] = { { first, REPLY_KEEP }, { second, REPLY_KEEP }, { 0 } };

	transferring_prepare(t, replies);
}

/* --- where it goes ---------------------------------------------------------------- */

Test(transfer_shown, heads_go_in_front_of_the_body)
{
	struct transferring t;
	int fd = piped();

	prepare(&t, GO, HELLO);
	t.options.show = GET_SHOW_HEAD_AND_BODY;
	t.output.naming = OUTPUT_STDOUT;
	transferring_run(&t);
	transferring_assert_done(&t);
	assert_shown(fd, GO HELLO);
	transferring_end(&t);
}

Test(transfer_shown, a_head_may_be_all)
{
	struct transferring t;
	int fd = piped();

	prepare(&t, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", NULL);
	t.options.show = GET_SHOW_HEAD;
	transferring_run(&t);
	transferring_assert_done(&t);
	assert_shown(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
	transferring_assert_file(&t, "out", NULL);
	transferring_end(&t);
}

Test(transfer_shown, heads_go_to_a_file_of_their_own)
{
	struct transferring t;
	char heads[100];

	prepare(&t, GO, COLOURED);
	snprintf(heads, sizeof(heads), "%s/heads", t.folder);
	t.options.head_file = heads;
	transferring_run(&t);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "heads", GO COLOURED);
	transferring_assert_file(&t, "out", "");
	transferring_end(&t);
}

Test(transfer_shown, heads_of_failures_are_shown)
{
	struct transferring t;
	char heads[100];
	int fd = piped();

	prepare(&t, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", NULL);
	snprintf(heads, sizeof(heads), "%s/heads", t.folder);
	t.options.head_file = heads;
	t.options.show = GET_SHOW_HEAD_AND_BODY;
	transferring_run(&t);
	transferring_assert_failed(&t, FAILURE_HTTP_STATUS, "status 404 No");
	transferring_assert_file(&t, "heads", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
	assert_shown(fd, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
	transferring_end(&t);
}

Test(transfer_shown, a_file_that_cannot_be_made_is_a_failure)
{
	struct transferring t;

	prepare(&t, HELLO, NULL);
	t.options.head_file = "/nowhere/heads";
	transferring_run(&t);
	cr_assert_eq(t.why.class, FAILURE_OUTPUT);
	transferring_assert_file(&t, "out", NULL);
	transferring_end(&t);
}

/* --- terminals --------------------------------------------------------------------- */

static void on_terminal(bool to_file, char *text, size_t size)
{
	struct transferring t;
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	ssize_t n;

	cr_assert_eq(grantpt(master), 0);
	cr_assert_eq(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	cr_assert(slave >= 0);
	prepare(&t, COLOURED, NULL);
	if (to_file) {
		t.options.head_file = ptsname(master);
	} else {
		cr_assert_eq(dup2(slave, STDOUT_FILENO), STDOUT_FILENO);
		t.options.show = GET_SHOW_HEAD_AND_BODY;
	}
	transferring_run(&t);
	transferring_assert_done(&t);
	n = read(master, text, size - 1);
	cr_assert(n > 0);
	text[n] = '\0';
	transferring_end(&t);
	close(master);
	close(slave);
}

Test(transfer_shown, a_terminal_gets_no_controls)
{
	char text[1000];

	for (int to_file = 0; to_file < 2; to_file++) {
		on_terminal(to_file, text, sizeof(text));
		cr_assert_null(strchr(text, '\033'));
		cr_assert_not_null(strstr(text, "[31mRed"));
		cr_assert_not_null(strstr(text, "]0;title"));
	}
}

Test(transfer_shown, a_pipe_gets_all_there_is)
{
	struct transferring t;
	int fd = piped();

	prepare(&t, COLOURED, NULL);
	t.options.show = GET_SHOW_HEAD_AND_BODY;
	transferring_run(&t);
	assert_shown(fd, COLOURED);
	transferring_end(&t);
}

/* --- a reader that is slow ------------------------------------------------------------ */

/* Nothing more goes in. */
static void fill(void)
{
	static const char block[4096];

	cr_assert_eq(fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK), 0);
	while (write(STDOUT_FILENO, block, sizeof(block)) > 0)
		;
	while (write(STDOUT_FILENO, block, 1) > 0)
		;
}

static void empty(int fd)
{
	char block[4096];

	while (read(fd, block, sizeof(block)) > 0)
		;
}

static void head_waits(struct transferring *t)
{
	while (!transfer_report(t->transfer)->hop_count ||
	       !transfer_report(t->transfer)->hops[0].status)
		ev_run(t->loop, EVRUN_ONCE);
	transferring_turns(t);
}

Test(transfer_shown, a_slow_reader_is_not_the_servers_fault)
{
	struct transferring t;
	int fd = piped();

	prepare(&t, HELLO, NULL);
	t.options.show = GET_SHOW_HEAD_AND_BODY;
	t.options.idle_ms = 300;
	t.options.retries = 0;
	fill();
	transferring_start(&t);
	head_waits(&t);
	for (int i = 0; i < 150; i++)
		transferring_turns(&t);
	cr_assert_eq(t.done, 0U);
	empty(fd);
	transferring_wait(&t);
	transferring_assert_done(&t);
	assert_shown(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
	transferring_assert_file(&t, "out", "hello");
	transferring_end(&t);
}

Test(transfer_shown, nothing_goes_on_after_a_stop)
{
	struct failure why = { .class = FAILURE_TIMEOUT, .text = "stopped" };
	struct transferring t;
	int fd = piped();

	prepare(&t, HELLO, NULL);
	t.options.show = GET_SHOW_HEAD_AND_BODY;
	fill();
	transferring_start(&t);
	head_waits(&t);
	transfer_stop(t.transfer, &why);
	empty(fd);
	transferring_turns(&t);
	cr_assert_eq(t.done, 0U);
	transferring_assert_file(&t, "out", NULL);
	transferring_end(&t);
}

Test(transfer_shown, a_reader_that_is_gone_ends_it)
{
	struct transferring t;
	int fd = piped();

	signal(SIGPIPE, SIG_IGN);
	prepare(&t, HELLO, NULL);
	t.options.show = GET_SHOW_HEAD_AND_BODY;
	close(fd);
	transferring_run(&t);
	cr_assert_eq(t.why.class, FAILURE_READER_GONE);
	transferring_assert_file(&t, "out", NULL);
	transferring_end(&t);
}
