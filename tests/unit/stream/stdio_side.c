/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/stdio_side.c
 * Holds: what a descriptor is and how it is served: files, pipes, FIFOs, terminals, sockets,
 * /dev/null, directories and other devices, blocking or not, open or not; our own open of a pipe
 * or terminal never touches the inherited flags; the master of a pseudo-terminal is not opened
 * anew; a blocking pipe is read and written only when poll(2) allows, PIPE_BUF at most; ends,
 * errors and gone readers come through; a FIFO nobody writes to yet has not ended. */
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/stream/stdio_side.h>

/* Whether this system opens an inherited pipe anew. */
static bool reopens(void)
{
	int pair[2];
	int own;

	cr_assert_eq(pipe(pair), 0);
	own = stdio_side_reopen(pair[0], false);
	if (own >= 0)
		close(own);
	close(pair[0]);
	close(pair[1]);
	return own >= 0;
}

static struct stdio_side side_of(int fd, bool output)
{
	struct stdio_side side;

	stdio_side_init(&side, fd, output);
	cr_assert_eq(side.fd, fd);
	cr_assert_eq(stdio_side_fd(&side), side.own >= 0 ? side.own : fd);
	return side;
}

static void assert_path(const char *path, enum stdio_kind kind, enum stdio_way way)
{
	int fd = open(path, O_RDONLY);
	struct stdio_side side = side_of(fd, false);

	cr_assert(fd >= 0, "%s", path);
	cr_assert_eq(side.kind, kind, "%s", path);
	cr_assert_eq(side.way, way, "%s", path);
	cr_assert_eq(side.own, -1);
	close(fd);
}

Test(stdio_side, paths_by_what_they_are)
{
	assert_path("/etc/passwd", STDIO_REGULAR, STDIO_WAY_READY);
	assert_path("/dev/null", STDIO_NULL, STDIO_WAY_READY);
	assert_path("/tmp", STDIO_OTHER, STDIO_WAY_READY);
	assert_path("/dev/zero", STDIO_OTHER, STDIO_WAY_POLLED);
}

Test(stdio_side, none_and_closed)
{
	struct stdio_side side;
	char byte;

	stdio_side_init(&side, -1, true);
	cr_assert_eq(side.kind, STDIO_NONE);
	cr_assert_eq(stdio_side_fd(&side), -1);
	side = side_of(999, false);
	cr_assert_eq(side.kind, STDIO_OTHER);
	cr_assert_eq(stdio_side_read(&side, &byte, 1), -1);
	cr_assert_eq(errno, EBADF);
}

Test(stdio_side, a_directory_cannot_be_read)
{
	int fd = open("/tmp", O_RDONLY);
	struct stdio_side side = side_of(fd, false);
	char byte;

	cr_assert_eq(stdio_side_read(&side, &byte, 1), -1);
	cr_assert_eq(errno, EISDIR);
	close(fd);
}

Test(stdio_side, a_blocking_pipe_is_opened_anew_and_keeps_its_flags)
{
	int pair[2];
	struct stdio_side in, out;
	char byte;

	cr_assert_eq(pipe(pair), 0);
	in = side_of(pair[0], false);
	out = side_of(pair[1], true);
	cr_assert_eq(in.kind, STDIO_PIPE);
	cr_assert_eq(in.way, reopens() ? STDIO_WAY_OPENED : STDIO_WAY_POLLED);
	cr_assert_eq(in.own >= 0, reopens());
	cr_assert_eq(out.own >= 0, reopens());
	cr_assert_eq(stdio_side_read(&in, &byte, 1), -1);
	cr_assert_eq(errno, EAGAIN);
	cr_assert_eq(stdio_side_writev(&out, &(struct iovec){ "x", 1 }, 1), 1);
	cr_assert_eq(stdio_side_read(&in, &byte, 1), 1);
	cr_assert_eq(byte, 'x');
	cr_assert_eq(fcntl(pair[0], F_GETFL) & O_NONBLOCK, 0);
	cr_assert_eq(fcntl(pair[1], F_GETFL) & O_NONBLOCK, 0);
	if (in.own >= 0)
		cr_assert(fcntl(in.own, F_GETFD) & FD_CLOEXEC);
	stdio_side_close_own(&out);
	cr_assert_eq(out.own, -1);
	close(pair[1]);
	cr_assert_eq(stdio_side_read(&in, &byte, 1), 0);
	stdio_side_close_own(&in);
	stdio_side_close_own(&in);
	close(pair[0]);
}

Test(stdio_side, a_non_blocking_pipe_is_used_as_it_is)
{
	int pair[2];
	struct stdio_side side;

	cr_assert_eq(pipe(pair), 0);
	cr_assert_eq(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
	side = side_of(pair[0], false);
	cr_assert_eq(side.own, -1);
	cr_assert_eq(side.way, STDIO_WAY_OPENED);
	cr_assert(fcntl(pair[0], F_GETFL) & O_NONBLOCK);
	close(pair[0]);
	close(pair[1]);
}

/* The way of systems that cannot open a pipe anew, and of pipes whose reader has gone before. */
static void polled_pair(struct stdio_side *in, struct stdio_side *out)
{
	int pair[2];

	cr_assert_eq(pipe(pair), 0);
	*in = (struct stdio_side){
		.fd = pair[0], .own = -1, .kind = STDIO_PIPE, .way = STDIO_WAY_POLLED
	};
	*out = *in;
	out->fd = pair[1];
}

Test(stdio_side, a_polled_pipe_never_blocks)
{
	static char bytes[4 * PIPE_BUF];
	const struct iovec v[2] = { { bytes, 0 }, { bytes, sizeof bytes } };
	struct stdio_side in, out;
	size_t total = 0, back = 0;
	ssize_t n;

	polled_pair(&in, &out);
	cr_assert_eq(stdio_side_read(&in, bytes, 1), -1);
	cr_assert_eq(errno, EAGAIN);
	while ((n = stdio_side_writev(&out, v, 2)) > 0) {
		cr_assert_eq(n, PIPE_BUF);
		total += (size_t)n;
	}
	cr_assert_eq(n, -1);
	cr_assert_eq(errno, EAGAIN);
	while ((n = stdio_side_read(&in, bytes, sizeof bytes)) > 0)
		back += (size_t)n;
	cr_assert_eq(errno, EAGAIN);
	cr_assert_eq(back, total);
	cr_assert_eq(fcntl(out.fd, F_GETFL) & O_NONBLOCK, 0);
	close(out.fd);
	cr_assert_eq(stdio_side_read(&in, bytes, 1), 0);
	close(in.fd);
}

Test(stdio_side, a_polled_pipe_whose_reader_is_gone_is_broken)
{
	struct stdio_side in, out;

	signal(SIGPIPE, SIG_IGN);
	polled_pair(&in, &out);
	close(in.fd);
	cr_assert_eq(stdio_side_writev(&out, &(struct iovec){ "x", 1 }, 1), -1);
	cr_assert_eq(errno, EPIPE);
	close(out.fd);
}

Test(stdio_side, a_pipe_without_a_reader_falls_back_to_poll)
{
	char path[] = "/tmp/stdio_side_XXXXXX";
	char fifo[64];
	struct stdio_side side;
	int reader, writer;

	signal(SIGPIPE, SIG_IGN);
	cr_assert_not_null(mkdtemp(path));
	snprintf(fifo, sizeof fifo, "%s/fifo", path);
	cr_assert_eq(mkfifo(fifo, 0600), 0);
	reader = open(fifo, O_RDONLY | O_NONBLOCK);
	writer = open(fifo, O_WRONLY);
	close(reader);
	side = side_of(writer, true);
	cr_assert_eq(side.kind, STDIO_PIPE);
	cr_assert_eq(side.own, -1);
	cr_assert_eq(side.way, STDIO_WAY_POLLED);
	cr_assert_eq(stdio_side_writev(&side, &(struct iovec){ "x", 1 }, 1), -1);
	cr_assert_eq(errno, EPIPE);
	close(writer);
	unlink(fifo);
	rmdir(path);
}

Test(stdio_side, a_terminal_is_opened_anew_and_its_master_is_not)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	struct stdio_side side;
	char bytes[16];
	int slave;

	cr_assert_eq(grantpt(master), 0);
	cr_assert_eq(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	cr_assert(slave >= 0);
	side = side_of(slave, false);
	cr_assert_eq(side.kind, STDIO_TERMINAL);
	cr_assert(side.own >= 0);
	cr_assert_eq(stdio_side_read(&side, bytes, sizeof bytes), -1);
	cr_assert_eq(errno, EAGAIN);
	cr_assert_eq(write(master, "hi\n", 3), 3);
	cr_assert(sockets_wait(stdio_side_fd(&side), POLLIN));
	cr_assert_eq(stdio_side_read(&side, bytes, sizeof bytes), 3);
	cr_assert_eq(fcntl(slave, F_GETFL) & O_NONBLOCK, 0);
	stdio_side_close_own(&side);
	side = side_of(master, true);
	cr_assert_eq(side.own, -1);
	cr_assert_eq(side.way, STDIO_WAY_POLLED);
	cr_assert_eq(stdio_side_writev(&side, &(struct iovec){ "a\n", 2 }, 1), 2);
	cr_assert_eq(read(slave, bytes, sizeof bytes), 2);
	close(slave);
	close(master);
}

Test(stdio_side, a_socket_is_never_waited_for)
{
	int pair[2];
	struct stdio_side side;
	char byte;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	side = side_of(pair[0], true);
	cr_assert_eq(side.kind, STDIO_SOCKET);
	cr_assert_eq(side.way, STDIO_WAY_SOCKET);
	cr_assert_eq(stdio_side_read(&side, &byte, 1), -1);
	cr_assert_eq(errno, EAGAIN);
	cr_assert_eq(stdio_side_writev(&side, &(struct iovec){ "x", 1 }, 1), 1);
	sockets_fill(pair[0]);
	cr_assert_eq(stdio_side_writev(&side, &(struct iovec){ "x", 1 }, 1), -1);
	cr_assert_eq(errno, EAGAIN);
	close(pair[1]);
	/* No signal either. */
	cr_assert_eq(stdio_side_writev(&side, &(struct iovec){ "x", 1 }, 1), -1);
	cr_assert_eq(errno, EPIPE);
	cr_assert_eq(fcntl(pair[0], F_GETFL) & O_NONBLOCK, 0);
	close(pair[0]);
}

Test(stdio_side, a_full_device_says_so)
{
	int fd = open("/dev/full", O_WRONLY);
	struct stdio_side side = side_of(fd, true);

	if (fd < 0)
		cr_skip_test("no /dev/full here");
	cr_assert_eq(stdio_side_writev(&side, &(struct iovec){ "x", 1 }, 1), -1);
	cr_assert_eq(errno, ENOSPC);
	close(fd);
}

Test(stdio_side, knows_a_fifo_without_a_writer_from_one_that_ended)
{
	char folder[] = "/tmp/sockutil-side-XXXXXX", path[64], byte;
	struct stdio_side side;
	int reader, writer;

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/fifo", folder);
	cr_assert_eq(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	stdio_side_init(&side, reader, false);
	cr_assert_eq(stdio_side_read(&side, &byte, 1), 0);
	cr_assert(stdio_side_unopened(&side));
	writer = open(path, O_WRONLY | O_NONBLOCK);
	cr_assert(writer >= 0);
	close(writer);
	cr_assert_eq(stdio_side_read(&side, &byte, 1), 0);
	cr_assert(!stdio_side_unopened(&side));
	close(reader);
	unlink(path);
	rmdir(folder);
}
