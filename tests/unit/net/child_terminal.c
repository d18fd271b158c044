/* SPDX-License-Identifier: MIT */
/* tests/unit/net/child_terminal.c
 * Holds: our side does not block and is closed on exec; the other side is the terminal of that
 * name, with 80 columns and 24 lines; no descriptors are told. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include <sockutil/net/child_parts.h>

Test(child_terminal, is_a_pair)
{
	char name[CHILD_TERMINAL_MAX], bytes[8];
	struct failure why = { 0 };
	struct winsize size;
	const int master = child_terminal(name, &why);
	int slave;

	cr_assert_geq(master, 0, "%s", why.text);
	cr_assert(fcntl(master, F_GETFL) & O_NONBLOCK);
	cr_assert(fcntl(master, F_GETFD) & FD_CLOEXEC);
	slave = open(name, O_RDWR | O_NOCTTY);
	cr_assert_geq(slave, 0);
	cr_assert(isatty(slave));
	cr_assert_eq(ioctl(slave, TIOCGWINSZ, &size), 0);
	cr_assert_eq(size.ws_col, 80);
	cr_assert_eq(size.ws_row, 24);
	cr_assert_eq(write(slave, "x", 1), 1);
	cr_assert_eq(read(master, bytes, sizeof(bytes)), 1);
	close(slave);
	close(master);
}

Test(child_terminal, no_descriptors)
{
	struct rlimit limit;
	rlim_t usual;
	struct failure why = { 0 };
	char name[CHILD_TERMINAL_MAX];

	getrlimit(RLIMIT_NOFILE, &limit);
	usual = limit.rlim_cur;
	limit.rlim_cur = 3;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	cr_assert_eq(child_terminal(name, &why), -1);
	limit.rlim_cur = usual;
	setrlimit(RLIMIT_NOFILE, &limit);
	cr_assert_eq(why.class, FAILURE_OTHER);
	cr_assert_str_eq(why.text, "no terminal for a program: Too many open files");
}
