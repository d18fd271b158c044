/* SPDX-License-Identifier: MIT */
/* tests/unit/chat/simple_handler.c
 * Holds: the first connection is talked with and nobody else gets in; its end ends the server in
 * order; a reset is the server's failure; bytes are counted; the server's end is an end in order.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/chat/simple.h>

static struct running r;
static int input, output; /* the test's ends of standard input and output */

static void set_up(void)
{
	static const struct chat_simple_options options = { .edit = false };
	int in[2], out[2];

	cr_assert_eq(pipe(in), 0);
	cr_assert_eq(pipe(out), 0);
	cr_assert_eq(dup2(in[0], STDIN_FILENO), STDIN_FILENO);
	cr_assert_eq(dup2(out[1], STDOUT_FILENO), STDOUT_FILENO);
	close(in[0]);
	close(out[1]);
	input = in[1];
	output = out[0];
	running_prepare(&r, &chat_simple_handler, &options);
	r.options.accept = 1;
	running_start(&r);
}

TestSuite(simple_handler, .init = set_up, .timeout = 30);

static void assert_gets(int fd, const char *text)
{
	char out[100];
	const ssize_t length = (ssize_t)strlen(text);

	cr_assert_eq(read(fd, out, 1), 1);
	cr_assert_eq(running_read(fd, out + 1, (size_t)length - 1), length - 1);
	cr_assert_eq(memcmp(out, text, (size_t)length), 0, "got %.*s", (int)length, out);
}

Test(simple_handler, the_first_connection_is_talked_with)
{
	const int fd = running_dial(&r);
	char byte;

	assert_gets(output, "server:");
	send(fd, "hello", 5, 0);
	assert_gets(output, "\nFrom client:\nhello\nserver:");
	cr_assert_eq(write(input, "hi\n\n", 4), 4);
	assert_gets(fd, "hi\n");
	cr_assert_eq(read(fd, &byte, 1), 0);
	close(fd);
	running_wait(&r);
	cr_assert(r.ran);
	cr_assert_eq(r.result.status, 0);
	cr_assert(strstr(running_log(&r), "received 5 B, sent 3 B"), "%s", running_log(&r));
	cr_assert(strstr(running_log(&r), "the conversation ended"), "%s", running_log(&r));
}

Test(simple_handler, a_reset_is_the_servers_failure)
{
	const int fd = running_dial(&r);

	assert_gets(output, "server:");
	running_reset(fd);
	running_wait(&r);
	cr_assert_eq(r.result.status, 56);
	cr_assert(strstr(running_log(&r), "connection reset by peer"), "%s", running_log(&r));
}

Test(simple_handler, the_servers_end_is_an_end_in_order)
{
	const int fd = running_dial(&r);
	char byte;

	assert_gets(output, "server:");
	running_stop(&r);
	cr_assert_eq(read(fd, &byte, 1), 0);
	close(fd);
	cr_assert_eq(r.result.status, 0);
	cr_assert_eq(r.result.signal, 0);
}
