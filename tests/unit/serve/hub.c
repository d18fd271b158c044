/* SPDX-License-Identifier: MIT */
/*
 * Holds: what clients send is merged in whole reads, input goes to all; without a client nothing is
 * read; the end of input goes to those who were given bytes; who does not read is cut while the
 * others get everything; a full output holds clients back; a failed one ends the server.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <sockutil/serve/hub.h>
#include <sockutil/serve/join.h>

static const struct join_options options;
static struct running r;
static int to_input, from_output;

static void set_up(void)
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
	running_prepare(&r, &hub_handler, &options);
}

TestSuite(hub, .init = set_up, .timeout = 30);

Test(hub, merges_and_spreads)
{
	char out[20];
	int a, b;

	r.options.accept = 2;
	running_start(&r);
	a = running_dial(&r);
	b = running_dial(&r);
	send(a, "aaa", 3, 0);
	cr_assert_eq(read(from_output, out, sizeof out), 3);
	send(b, "bbb", 3, 0);
	cr_assert_eq(read(from_output, out, sizeof out), 3);
	cr_assert_eq(write(to_input, "to all", 6), 6);
	cr_assert_eq(running_read(a, out, 6), 6);
	cr_assert_eq(running_read(b, out, 6), 6);
	close(to_input);
	cr_assert_eq(running_read(a, out, 1), 0);
	cr_assert_eq(running_read(b, out, 1), 0);
	send(a, "late", 4, 0);
	cr_assert_eq(read(from_output, out, sizeof out), 4);
	close(a);
	close(b);
	running_wait(&r);
	cr_assert_eq(read(from_output, out, sizeof out), 0);
	cr_assert_eq(r.result.status, 0);
}

Test(hub, reads_no_input_for_nobody)
{
	char out[20];
	int left = 0, fd;

	running_start(&r);
	cr_assert_eq(write(to_input, "kept", 4), 4);
	usleep(100000);
	cr_assert_eq(ioctl(to_input, FIONREAD, &left), 0);
	cr_assert_eq(left, 4);
	fd = running_dial(&r);
	cr_assert_eq(running_read(fd, out, 4), 4);
	close(fd);
	running_stop(&r);
}

Test(hub, an_input_that_ends_at_once_is_no_goodbye)
{
	struct pollfd ended = { .events = POLLIN };
	char out[20];

	close(to_input);
	running_start(&r);
	ended.fd = running_dial(&r);
	send(ended.fd, "x", 1, 0);
	cr_assert_eq(read(from_output, out, sizeof out), 1);
	cr_assert_eq(poll(&ended, 1, 100), 0);
	close(ended.fd);
	running_stop(&r);
}

static void *drain_client(void *data)
{
	static char block[65536];
	size_t *got = data, all = 0;
	ssize_t n;

	while ((n = recv((int)*got, block, sizeof block, 0)) > 0)
		all += (size_t)n;
	*got = all;
	return NULL;
}

Test(hub, cuts_who_does_not_read)
{
	enum { BLOCKS = 400 };
	static char block[65536];
	size_t quick, sent = 0;
	pthread_t reader;
	int slow;

	running_start(&r);
	slow = running_dial(&r);
	quick = (size_t)running_dial(&r);
	send(slow, "s", 1, 0);
	send((int)quick, "q", 1, 0);
	for (int i = 0; i < 2; i++)
		cr_assert_eq(read(from_output, block, 1), 1);
	pthread_create(&reader, NULL, drain_client, &quick);
	for (int i = 0; i < BLOCKS; i++)
		sent += (size_t)write(to_input, block, sizeof block);
	close(to_input);
	pthread_join(reader, NULL);
	cr_assert_eq(quick, sent);
	running_wait_log(&r, "too slow: 1 MiB of standard input waits for it");
	close(slow);
	running_stop(&r);
}

Test(hub, a_full_output_holds_clients_back)
{
	static char block[65536];
	size_t sent = 0, idle = 0, got = 0;
	int fd;

	running_start(&r);
	fd = running_dial(&r);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (idle < 30) {
		ssize_t n = send(fd, block, sizeof block, MSG_NOSIGNAL);

		idle = n > 0 ? 0 : idle + 1;
		sent += n > 0 ? (size_t)n : 0;
		usleep(n > 0 ? 0 : 2000);
		cr_assert_lt(sent, (size_t)100 << 20, "it is never held back");
	}
	close(fd);
	while (got < sent) {
		ssize_t n = read(from_output, block, sizeof block);

		cr_assert_gt(n, 0);
		got += (size_t)n;
	}
	running_stop(&r);
}

Test(hub, a_failed_output_ends_the_server)
{
	int fd, full = open("/dev/full", O_WRONLY);

	if (full < 0)
		cr_skip_test("no /dev/full here");
	dup2(full, 1);
	running_start(&r);
	fd = running_dial(&r);
	send(fd, "x", 1, 0);
	running_wait(&r);
	close(fd);
	cr_assert(r.ran);
	cr_assert_eq(r.result.status, 23);
	running_wait_log(&r, "sockutil serve: standard output: No space left on device\n");
}
