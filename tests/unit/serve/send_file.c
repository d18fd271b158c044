/* SPDX-License-Identifier: MIT */
/* Holds: each client gets the file as it is when it comes, an empty one too; one that becomes
 * shorter meanwhile is cut with a reset; what is no regular
 * file, or not there, is told at the start. */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/serve/send_file.h>

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
}

Test(send_file, sends_it_to_each)
{
	struct running r;
	struct send_file_options options = { 0 };
	char out[100];

	running_prepare(&r, &send_file_handler, &options);
	options.file = running_path(&r, "data");
	put(options.file, "first");
	running_start(&r);
	running_exchange(&r, "", 0, out, sizeof out);
	cr_assert_str_eq(out, "first");
	put(options.file, "the second one");
	running_exchange(&r, "GET / HTTP/1.0\r\n\r\n", 18, out, sizeof out);
	cr_assert_str_eq(out, "the second one");
	put(options.file, "");
	running_exchange(&r, "", 0, out, sizeof out);
	cr_assert_str_eq(out, "");
	unlink(options.file);
	running_exchange(&r, "", 0, out, sizeof out);
	running_wait_log(&r, "No such file or directory");
	running_stop(&r);
	cr_assert_eq(r.result.status, 0);
}

/* The client must be able to tell: it gets a reset, never an end. */
Test(send_file, a_file_that_becomes_shorter_is_cut)
{
	static char chunk[1 << 16];
	struct running r;
	struct send_file_options options = { 0 };
	ssize_t n;
	int fd;

	running_prepare(&r, &send_file_handler, &options);
	options.file = running_path(&r, "data");
	put(options.file, "");
	cr_assert_eq(truncate(options.file, 64 << 20), 0);
	running_start(&r);
	fd = running_dial(&r);
	cr_assert_gt(read(fd, chunk, sizeof chunk), 0);
	cr_assert_eq(truncate(options.file, 1), 0);
	do
		n = read(fd, chunk, sizeof chunk);
	while (n > 0);
	cr_assert_eq(n, -1, "a reset, no end");
	close(fd);
	running_wait_log(&r, "became shorter while it was sent");
	running_stop(&r);
}

Test(send_file, tells_what_cannot_be_sent)
{
	struct running r;
	struct send_file_options options = { .file = "/" };

	running_prepare(&r, &send_file_handler, &options);
	cr_assert_not(server_run(&r.options, &r.result, &r.why));
	cr_assert_eq(r.why.class, FAILURE_USAGE);
	cr_assert_str_eq(
		r.why.text,
		"/: not a regular file, so it cannot go to every client; one client gets it from "
		"standard input");
	options.file = "/nowhere/at/all";
	cr_assert_not(server_run(&r.options, &r.result, &r.why));
	cr_assert_eq(r.why.class, FAILURE_INPUT);
	cr_assert_str_eq(r.why.text, "/nowhere/at/all: No such file or directory");
}
