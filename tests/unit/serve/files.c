/* SPDX-License-Identifier: MIT */
/* A session that speaks HTTP.
 * Holds: a folder that cannot be opened is said before anything listens; requests are answered;
 * a client that does not take what it asked for is cut, as is one that gives nothing of what it
 * announced; an idle client and one that never asks are let go in order; a late head is 408;
 * another handler's session goes on with what was read of it. */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/serve/files.h>
#include <sockutil/serve/session.h>

#define GET(name) "GET /" name " HTTP/1.1\r\nHost: a\r\n\r\n"

static struct running r;
static const struct login_list everybody;
static struct files_options options;

static void put(const char *name, size_t length)
{
	const int fd = open(running_path(&r, name), O_WRONLY | O_CREAT, 0600);

	cr_assert(fd >= 0);
	if (length < 100)
		cr_assert_eq(write(fd, "0123456789", length), (ssize_t)length);
	else
		cr_assert_eq(ftruncate(fd, (off_t)length), 0);
	close(fd);
}

static void prepare(const struct handler *handler)
{
	running_prepare(&r, handler, &options);
	options =
		(struct files_options){ .folder = r.folder, .listing = true, .logins = &everybody };
	put("f", 5);
}

Test(files, says_at_once_that_there_is_no_folder)
{
	struct failure why = { 0 };

	options.folder = "/nonexistent/folder";
	cr_assert_null(files_handler.prepare(&options, &why));
	cr_assert_eq(why.class, FAILURE_INPUT);
	cr_assert_str_eq(why.text, "/nonexistent/folder: No such file or directory");
}

Test(files, answers_requests)
{
	char out[1000];
	int fd;

	prepare(&files_handler);
	running_start(&r);
	fd = running_dial(&r);
	for (int i = 0; i < 3; i++) {
		running_ask(fd, GET("f"), out, sizeof out);
		cr_assert_eq(strncmp(out, "HTTP/1.1 200 OK\r\nDate: ", 23), 0, "%s", out);
		cr_assert(strstr(out, "\r\n\r\n01234"));
	}
	close(fd);
	running_wait_log(&r, "client ended; received 84 B");
	running_stop(&r);
}

/* A client whose connection is full of what it does not read. */
Test(files, cuts_who_takes_nothing)
{
	const int small = 4096;
	int fd;

	prepare(&files_handler);
	put("large", 50 * 1024 * 1024);
	options.stall_ms = 150;
	options.stall_bytes = 1000;
	running_start(&r);
	fd = running_dial(&r);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	cr_assert_eq(send(fd, GET("large"), strlen(GET("large")), 0),
		     (ssize_t)strlen(GET("large")));
	running_wait_log(&r, ": the client moved only ");
	close(fd);
	running_stop(&r);
}

Test(files, cuts_who_gives_nothing)
{
	static const char start[] =
		"PUT /new HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc";
	char out[100];
	int fd;

	prepare(&files_handler);
	options.upload = true;
	options.stall_ms = 150;
	options.stall_bytes = 1000;
	running_start(&r);
	fd = running_dial(&r);
	cr_assert_eq(send(fd, start, strlen(start), 0), (ssize_t)strlen(start));
	cr_assert_leq(running_read(fd, out, sizeof out), 0);
	running_wait_log(&r, ": the client moved only 0 B in 150ms;");
	cr_assert_eq(access(running_path(&r, "new"), F_OK), -1);
	close(fd);
	running_stop(&r);
}

Test(files, lets_go_who_is_idle)
{
	char out[1000];
	int fd;

	prepare(&files_handler);
	options.idle_ms = 150;
	options.head_ms = 10000;
	running_start(&r);
	fd = running_dial(&r);
	running_ask(fd, GET("f"), out, sizeof out);
	cr_assert_eq(running_read(fd, out, sizeof out), 0);
	running_wait_log(&r, ": idle; received 28 B");
	close(fd);
	running_stop(&r);
}

Test(files, lets_go_who_never_asks)
{
	char out[1000];
	int fd;

	prepare(&files_handler);
	options.head_ms = 150;
	running_start(&r);
	fd = running_dial(&r);
	cr_assert_eq(running_read(fd, out, sizeof out), 0);
	running_wait_log(&r, ": no request came; received 0 B");
	close(fd);
	fd = running_dial(&r);
	cr_assert_eq(send(fd, "GET /", 5, 0), 5);
	cr_assert_gt(running_read(fd, out, sizeof out), 0);
	cr_assert_eq(strncmp(out, "HTTP/1.1 408 Request Timeout\r\n", 30), 0);
	close(fd);
	running_stop(&r);
}

/* --- behind another handler --------------------------------------------------------- */

/* Reads once, then lets the files' handler go on. */
static void first_ready(struct session *session, unsigned sides)
{
	char bytes[10];
	size_t n = 0;

	(void)sides;
	if (session_read(session, bytes, sizeof bytes, &n) == IO_DONE)
		files_enter(session, session_data(session), bytes, n);
}

static void first_start(struct session *session)
{
	session_wait(session, STREAM_READ);
}

Test(files, goes_on_with_what_another_handler_read)
{
	static const struct handler *inner[] = { &files_handler, NULL };
	static struct handler first;
	char out[1000];
	int fd;

	first = files_handler;
	first.name = "first";
	first.state_size = 0;
	first.start = first_start;
	first.ready = first_ready;
	first.count = NULL;
	first.stop = NULL;
	first.expired = NULL;
	first.drain = NULL;
	prepare(&first);
	r.options.inner = inner;
	running_start(&r);
	fd = running_dial(&r);
	for (int i = 0; i < 2; i++) {
		running_ask(fd, GET("f"), out, sizeof out);
		cr_assert(strstr(out, "\r\n\r\n01234"), "%s", out);
	}
	close(fd);
	running_wait_log(&r, "client ended; received 56 B");
	running_stop(&r);
}
