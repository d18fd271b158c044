/* SPDX-License-Identifier: MIT */
/*
 * Holds: standard input goes to the client and what it sends to standard output, which is closed at
 * its end; with keep_output it stays open for the next; an input that ends without a byte is no
 * goodbye; a closed reader ends the server with READER_GONE.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/serve/join.h>

/* Pipes as standard input and output; our ends. */
static int to_input, from_output;

static void redirect(void)
{
	int in[2], out[2];

	cr_assert_eq(pipe(in), 0);
	cr_assert_eq(pipe(out), 0);
	dup2(in[0], 0);
	dup2(out[1], 1);
	close(in[0]);
	close(out[1]);
	to_input = in[1];
	from_output = out[0];
	fcntl(to_input, F_SETFD, FD_CLOEXEC);
}

Test(join, both_ways)
{
	const struct join_options options = { 0 };
	struct running r;
	char out[20];
	int fd;

	redirect();
	running_prepare(&r, &join_handler, &options);
	r.options.accept = 1;
	running_start(&r);
	fd = running_dial(&r);
	cr_assert_eq(write(to_input, "down", 4), 4);
	cr_assert_eq(running_read(fd, out, 4), 4);
	close(to_input);
	cr_assert_eq(running_read(fd, out, 1), 0);
	cr_assert_eq(send(fd, "up", 2, 0), 2);
	close(fd);
	cr_assert_eq(read(from_output, out, sizeof out), 2);
	cr_assert_eq(read(from_output, out, sizeof out), 0);
	running_wait(&r);
	cr_assert(r.ran && r.result.status == 0);
}

Test(join, one_after_another)
{
	const struct join_options options = { .keep_output = true };
	struct running r;
	char out[20];

	redirect();
	running_prepare(&r, &join_handler, &options);
	r.options.accept = 2;
	r.options.max_connections = 1;
	close(to_input);
	running_start(&r);
	running_exchange(&r, "one", 3, out, sizeof out);
	running_exchange(&r, "two", 3, out, sizeof out);
	running_wait(&r);
	cr_assert_eq(running_read(from_output, out, sizeof out), 6);
	cr_assert_arr_eq(out, "onetwo", 6);
	cr_assert_eq(r.result.status, 0);
}

Test(join, a_reader_that_is_gone_ends_the_server)
{
	const struct join_options options = { .keep_output = true };
	struct running r;
	int fd;

	redirect();
	running_prepare(&r, &join_handler, &options);
	r.options.max_connections = 1;
	running_start(&r);
	close(from_output);
	fd = running_dial(&r);
	send(fd, "x", 1, 0);
	running_wait(&r);
	close(fd);
	cr_assert(r.ran);
	cr_assert_eq(r.result.status, 141);
	cr_assert_null(strstr(running_log(&r), "closed"));
}
