/* SPDX-License-Identifier: MIT */
/* tests/unit/relay/kernel.c
 * Holds: which pairs of descriptors the kernel can serve; a file goes to a socket, a socket to a
 * file, a pipe to a socket, byte by byte the same; what TCP brings for /dev/null is dropped and
 * counted; a full sink and an empty source are told apart; what the kernel refuses is rescued from
 * our pipe; a broken sink is told as failed at that end. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/relay/kernel.h>

static bool have_kernel_ways(void)
{
	struct kernel_pump k = KERNEL_PUMP_EMPTY;
	int ends[2], pair[2];
	bool fits;

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	fits = kernel_fits(&k, ends[0], pair[0]);
	close(ends[0]);
	close(ends[1]);
	close(pair[0]);
	close(pair[1]);
	return fits;
}

static int temporary_file(const char *bytes, size_t length)
{
	char name[] = "/tmp/sockutil-kernel-XXXXXX";
	int fd = mkstemp(name);

	cr_assert(fd >= 0);
	unlink(name);
	cr_assert_eq(write(fd, bytes, length), (ssize_t)length);
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void assert_sane_kernel(const struct kernel_pump *k)
{
	cr_assert((k->pipe[0] < 0) == (k->pipe[1] < 0));
	cr_assert(k->in_pipe == 0 || k->pipe[0] >= 0);
}

Test(kernel, serves_the_pairs_it_can)
{
	struct kernel_pump k = KERNEL_PUMP_EMPTY;
	int pair[2], ends[2], file = temporary_file("x", 1), null = open("/dev/null", O_WRONLY);
	int zero = open("/dev/zero", O_RDONLY);

	if (!have_kernel_ways())
		cr_skip_test("this build copies");
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	cr_assert_eq(pipe(ends), 0);
	cr_assert(kernel_fits(&k, file, pair[0]));
	cr_assert_eq(k.way, KERNEL_SENDFILE);
	cr_assert(kernel_fits(&k, pair[0], file));
	cr_assert_eq(k.way, KERNEL_PIPE);
	cr_assert(kernel_fits(&k, pair[0], null));
	cr_assert_eq(k.way, KERNEL_PIPE);
	cr_assert(kernel_fits(&k, pair[0], ends[1]));
	cr_assert_eq(k.way, KERNEL_SPLICE);
	cr_assert(kernel_fits(&k, ends[0], pair[0]));
	cr_assert_eq(k.way, KERNEL_SPLICE);
	cr_assert_not(kernel_fits(&k, zero, pair[0]));
	cr_assert_not(kernel_fits(&k, file, null));
}

Test(kernel, moves_a_file_to_a_socket_and_ends)
{
	struct kernel_pump k = KERNEL_PUMP_EMPTY;
	struct kernel_step step;
	char got[16];
	int pair[2], file = temporary_file("hello, kernel", 13);

	if (!have_kernel_ways())
		cr_skip_test("this build copies");
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	cr_assert(kernel_fits(&k, file, pair[0]));
	cr_assert_eq(kernel_step(&k, UINT64_MAX, &step), IO_DONE);
	cr_assert_eq(step.taken, 13);
	cr_assert_eq(step.given, 13);
	cr_assert_eq(read(pair[1], got, sizeof(got)), 13);
	cr_assert_eq(memcmp(got, "hello, kernel", 13), 0);
	cr_assert_eq(kernel_step(&k, UINT64_MAX, &step), IO_END);
	assert_sane_kernel(&k);
}

static void tcp_pair(int pair[2])
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(bind(listener, (struct sockaddr *)&address, length), 0);
	cr_assert_eq(listen(listener, 1), 0);
	cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(connect(pair[0], (struct sockaddr *)&address, length), 0);
	pair[1] = accept(listener, NULL, NULL);
	close(listener);
}

Test(kernel, drops_what_tcp_brings_for_dev_null)
{
	struct kernel_pump k = KERNEL_PUMP_EMPTY;
	struct kernel_step step;
	int pair[2], null = open("/dev/null", O_WRONLY);

	if (!have_kernel_ways())
		cr_skip_test("this build copies");
	tcp_pair(pair);
	cr_assert(kernel_fits(&k, pair[0], null));
	cr_assert_eq(k.way, KERNEL_DROP);
	cr_assert_eq(kernel_step(&k, UINT64_MAX, &step), IO_AGAIN);
	cr_assert(step.wait_from && !step.wait_to);
	cr_assert_eq(write(pair[1], "dropped", 7), 7);
	cr_assert_eq(kernel_step(&k, UINT64_MAX, &step), IO_DONE);
	cr_assert_eq(step.taken, 7);
	cr_assert_eq(step.given, 7);
	close(pair[1]);
	cr_assert_eq(kernel_step(&k, UINT64_MAX, &step), IO_END);
	close(pair[0]);
	close(null);
}

Test(kernel, tells_an_empty_source_from_a_full_sink)
{
	struct kernel_pump k = KERNEL_PUMP_EMPTY;
	struct kernel_step step;
	int pair[2], ends[2];
	char block[4096] = { 0 };
	enum io r;

	if (!have_kernel_ways())
		cr_skip_test("this build copies");
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	cr_assert_eq(pipe(ends), 0);
	cr_assert(kernel_fits(&k, ends[0], pair[0]));
	cr_assert_eq(kernel_step(&k, UINT64_MAX, &step), IO_AGAIN);
	cr_assert(step.wait_from && !step.wait_to);
	do {
		cr_assert_eq(write(ends[1], block, sizeof(block)), (ssize_t)sizeof(block));
		r = kernel_step(&k, UINT64_MAX, &step);
	} while (r == IO_DONE);
	cr_assert_eq(r, IO_AGAIN);
	cr_assert(step.wait_to && !step.wait_from);
}

Test(kernel, rescues_what_a_sink_refuses)
{
	struct kernel_pump k = KERNEL_PUMP_EMPTY;
	struct kernel_step step;
	char got[16];
	int pair[2], full;

	if (!have_kernel_ways())
		cr_skip_test("this build copies");
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	full = temporary_file("", 0);
	cr_assert_eq(fcntl(full, F_SETFL, O_APPEND), 0);
	cr_assert_eq(write(pair[1], "precious", 8), 8);
	cr_assert(kernel_fits(&k, pair[0], full));
	cr_assert_eq(kernel_step(&k, UINT64_MAX, &step), IO_AGAIN);
	cr_assert(k.refused);
	cr_assert_eq(step.taken, 8);
	assert_sane_kernel(&k);
	cr_assert_eq(kernel_rescue(&k, got, 5), 5);
	cr_assert_eq(kernel_rescue(&k, got + 5, 11), 3);
	cr_assert_eq(memcmp(got, "precious", 8), 0);
	cr_assert_eq(kernel_rescue(&k, got, sizeof(got)), 0);
	cr_assert_not(kernel_fits(&k, pair[0], full));
}

Test(kernel, says_at_which_end_it_broke)
{
	struct kernel_pump k = KERNEL_PUMP_EMPTY;
	struct kernel_step step;
	int pair[2], file = temporary_file("x", 1);

	if (!have_kernel_ways())
		cr_skip_test("this build copies");
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	close(pair[1]);
	cr_assert(kernel_fits(&k, file, pair[0]));
	cr_assert_eq(kernel_step(&k, UINT64_MAX, &step), IO_FAILED);
	cr_assert(step.at_to);
	cr_assert_eq(step.error, EPIPE);
}

Test(kernel, gives_its_pipe_back_and_finds_one_again)
{
	struct kernel_pump k = KERNEL_PUMP_EMPTY;
	struct kernel_step step;
	int pair[2], null = open("/dev/null", O_WRONLY);

	if (!have_kernel_ways())
		cr_skip_test("this build copies");
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	for (int round = 0; round < 3; round++) {
		cr_assert_eq(write(pair[1], "abc", 3), 3);
		cr_assert(kernel_fits(&k, pair[0], null));
		cr_assert_eq(kernel_step(&k, UINT64_MAX, &step), IO_DONE);
		cr_assert_eq(step.given, 3);
		kernel_rest(&k);
		cr_assert_eq(k.pipe[0], -1);
		assert_sane_kernel(&k);
	}
	kernel_close(&k);
}
