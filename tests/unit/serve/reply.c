/* SPDX-License-Identifier: MIT */
/*
 * Holds: banner, values, newline behind the answer; every framing; the last line without a newline;
 * delays one after another, during which nothing is read and the client is not idle; the quit word
 * after its delay; a message over the limit ends its connection alone; a bad template is told
 * before anything listens; a drain answers the message that waits.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/serve/reply.h>

static struct running r;
static struct reply_options options;

static void serve(struct reply_options o)
{
	options = o;
	options.max_message = o.max_message ? o.max_message : 1000;
	running_prepare(&r, &reply_handler, &options);
}

Test(reply, answers_from_a_template)
{
	char out[200], expected[200];
	struct sockaddr_in me;
	socklen_t length = sizeof me;
	int fd;

	serve((struct reply_options){ .reply = "{count} {message} {reversed} {peer} {local}",
				      .banner = "hi" });
	running_start(&r);
	fd = running_dial(&r);
	getsockname(fd, (struct sockaddr *)&me, &length);
	cr_assert_eq(running_read(fd, out, 2), 2);
	cr_assert_eq(memcmp(out, "hi", 2), 0);
	snprintf(expected, sizeof expected, "1 ab ba 127.0.0.1:%d 127.0.0.1:%u\r\n",
		 ntohs(me.sin_port), r.port);
	cr_assert_str_eq(running_ask(fd, "ab\r\n", out, sizeof out), expected);
	snprintf(expected, sizeof expected, "2   127.0.0.1:%d 127.0.0.1:%u\n", ntohs(me.sin_port),
		 r.port);
	cr_assert_str_eq(running_ask(fd, "\n", out, sizeof out), expected);
	close(fd);
	running_stop(&r);
}

Test(reply, takes_lines)
{
	char out[200];

	serve((struct reply_options){
		.reply = "<{message}>", .banner = "hi", .framing = FRAMING_LINE });
	running_start(&r);
	running_exchange(&r, "a\nb\r\n\nlast", 10, out, sizeof out);
	cr_assert_str_eq(out, "hi\n<a>\n<b>\r\n<>\n<last>");
	running_stop(&r);
}

Test(reply, takes_many_lines_in_one_read)
{
	enum { LINES = 10000 };
	static char in[2 * LINES], out[5 * LINES];

	for (int i = 0; i < LINES; i++)
		memcpy(in + 2 * i, "x\n", 2);
	serve((struct reply_options){ .reply = "{message}{message}", .framing = FRAMING_LINE });
	running_start(&r);
	cr_assert_eq(running_exchange(&r, in, sizeof in, out, sizeof out), 3 * LINES);
	running_stop(&r);
}

Test(reply, takes_lengths)
{
	char out[200];

	serve((struct reply_options){
		.reply = "<{message}>", .banner = "hi", .framing = FRAMING_LENGTH });
	running_start(&r);
	cr_assert_eq(running_exchange(&r, "\0\0\0\2a\n\0\0\0\0", 10, out, sizeof out), 20);
	cr_assert_arr_eq(out, "\0\0\0\2hi\0\0\0\4<a\n>\0\0\0\2<>", 20);
	running_exchange(&r, "\0\0\0\5cut", 7, out, sizeof out);
	running_wait_log(&r, "message cut short: 3 of 5 bytes came");
	running_stop(&r);
}

Test(reply, delays_each_answer)
{
	const int64_t start = clock_ms();
	char out[200];

	serve((struct reply_options){
		.reply = "<{message}>", .delay_ms = 150, .framing = FRAMING_LINE });
	r.options.idle_ms = 100;
	running_start(&r);
	running_exchange(&r, "a\nb\n", 4, out, sizeof out);
	cr_assert_str_eq(out, "<a>\n<b>\n");
	cr_assert_geq(clock_ms() - start, 300);
	running_stop(&r);
}

Test(reply, quits_at_a_word_after_its_delay)
{
	int64_t start;
	char out[200];
	int fd;

	serve((struct reply_options){ .reply = "{message}", .quit = "exit", .delay_ms = 100 });
	running_start(&r);
	fd = running_dial(&r);
	cr_assert_str_eq(running_ask(fd, "exits", out, sizeof out), "exits");
	start = clock_ms();
	cr_assert_str_eq(running_ask(fd, "exit\n", out, sizeof out), "");
	cr_assert_geq(clock_ms() - start, 100);
	close(fd);
	running_wait_log(&r, ": quit; received 10 B, sent 5 B");
	running_stop(&r);
}

Test(reply, ends_a_connection_that_asks_too_much)
{
	char out[200];
	int fd;

	serve((struct reply_options){
		.reply = "{message}", .framing = FRAMING_LINE, .max_message = 10 });
	running_start(&r);
	fd = running_dial(&r);
	send(fd, "0123456789abc", 13, 0);
	cr_assert_leq(running_read(fd, out, sizeof out), 0);
	close(fd);
	running_exchange(&r, "0123456789\n", 11, out, sizeof out);
	cr_assert_str_eq(out, "0123456789\n");
	running_stop(&r);
}

Test(reply, tells_a_bad_template)
{
	serve((struct reply_options){ .reply = "{nobody}" });
	cr_assert_not(server_run(&r.options, &r.result, &r.why));
	cr_assert_eq(r.why.class, FAILURE_USAGE);
	cr_assert(strstr(r.why.text, "{nobody}"), "%s", r.why.text);
}

Test(reply, answers_what_waits_at_the_end)
{
	char out[200];
	int fd, idle;

	serve((struct reply_options){ .reply = "<{message}>", .delay_ms = 300 });
	running_start(&r);
	fd = running_dial(&r);
	idle = running_dial(&r);
	send(fd, "a", 1, 0);
	usleep(100000);
	kill(getpid(), SIGTERM);
	cr_assert_eq(running_read(fd, out, sizeof out), 3);
	cr_assert_eq(running_read(idle, out, sizeof out), 0);
	close(fd);
	close(idle);
	running_wait(&r);
	cr_assert(r.ran && r.result.status == 0 && r.result.signal == 0);
}
