/* SPDX-License-Identifier: MIT */
/* tests/unit/net/child.c
 * Holds: a child reads what is written to its input and what it writes can be read; ours do not
 * block and are closed on exec; it has the descriptors 0, 1, 2 alone, a process group of its own,
 * no blocked or ignored signals; the environment it is given; where its standard error goes; a
 * terminal that is its controlling one, with a size; a script without #!; what cannot be run, and
 * no descriptors, are told, and nothing stays open. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sockutil/net/child.h>

static struct child child;
static struct failure why;

static bool start_with(struct child_options options, const char *command)
{
	const char *arguments[] = { "sh", "-c", command, NULL };

	options.path = "/bin/sh";
	options.arguments = arguments;
	return child_start(&child, &options, &why);
}

static void start(const char *command)
{
	cr_assert(start_with((struct child_options){ 0 }, command), "%s", why.text);
}

/* All that comes from fd, as a string; a terminal's end is an error. */
static const char *all_of(int fd)
{
	static char text[4096];
	size_t length = 0;
	ssize_t n = 1;

	while (n > 0) {
		struct pollfd one = { .fd = fd, .events = POLLIN };

		cr_assert_gt(poll(&one, 1, 10000), 0);
		n = read(fd, text + length, sizeof(text) - 1 - length);
		length += n > 0 ? (size_t)n : 0;
	}
	text[length] = '\0';
	return text;
}

static void finish(int status)
{
	int got = 0;

	cr_assert_eq(waitpid(child.pid, &got, 0), child.pid);
	cr_assert_eq(child_exit_status(got), status);
	close(child.input);
	close(child.output);
	if (child.errors >= 0)
		close(child.errors);
}

static int open_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; ++fd)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

Test(child, is_joined_by_two_pipes)
{
	start("cat; exit 3");
	cr_assert_eq(write(child.input, "hello", 5), 5);
	for (int i = 0; i < 2; ++i) {
		const int fd = i ? child.input : child.output;

		cr_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
		cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	}
	cr_assert_eq(child.errors, -1);
	close(child.input);
	child.input = -1;
	cr_assert_str_eq(all_of(child.output), "hello");
	finish(3);
}

Test(child, has_three_descriptors_and_a_group_of_its_own)
{
	const int inherited = open("/dev/null", O_RDONLY);

	cr_assert_geq(inherited, 3);
	start("for n in 3 4 5 6 7 8 9; do ( : <&$n ) 2>/dev/null && echo $n; done; "
	      "kill -0 -$$ && echo own");
	cr_assert_str_eq(all_of(child.output), "own\n");
	close(inherited);
	finish(0);
}

#ifdef __linux__
Test(child, has_no_signal_ignored_or_blocked)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* Signals 32 and 33 are the C library's own, and without the Linux paths it leaves them
	 * ignored. */
	start("grep -E 'Sig(Blk|Ign)' /proc/self/status | sed 's/180000000$/000000000/'");
	cr_assert_str_eq(all_of(child.output),
			 "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
	finish(0);
}
#endif

Test(child, has_the_environment_it_is_given)
{
	const char *environment[] = { "A=1", "PATH=/bin:/usr/bin", NULL };

	setenv("OURS", "yes", 1);
	cr_assert(
		start_with((struct child_options){ .environment = environment }, "echo $A-$OURS"));
	cr_assert_str_eq(all_of(child.output), "1-\n");
	finish(0);
	start("echo $OURS");
	cr_assert_str_eq(all_of(child.output), "yes\n");
	finish(0);
}

Test(child, standard_error_goes_where_it_is_told)
{
	cr_assert(start_with((struct child_options){ .errors = CHILD_ERRORS_OUTPUT },
			     "echo out; echo err >&2"));
	cr_assert_str_eq(all_of(child.output), "out\nerr\n");
	finish(0);
	cr_assert(start_with((struct child_options){ .errors = CHILD_ERRORS_PIPE },
			     "echo out; echo err >&2"));
	cr_assert_str_eq(all_of(child.errors), "err\n");
	cr_assert_str_eq(all_of(child.output), "out\n");
	cr_assert(fcntl(child.errors, F_GETFL) & O_NONBLOCK);
	finish(0);
}

Test(child, has_a_terminal)
{
	cr_assert(start_with((struct child_options){ .pty = true },
			     "stty size; echo controlling >/dev/tty; echo err >&2"));
	cr_assert_str_eq(all_of(child.output), "24 80\r\ncontrolling\r\nerr\r\n");
	cr_assert(fcntl(child.input, F_GETFD) & FD_CLOEXEC);
	cr_assert(fcntl(child.input, F_GETFL) & O_NONBLOCK);
	finish(0);
}

static void make_file(char path[static 32], const char *text, mode_t mode)
{
	int fd;

	snprintf(path, 32, "/tmp/sockutil-child-XXXXXX");
	fd = mkstemp(path);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	cr_assert_eq(fchmod(fd, mode), 0);
	close(fd);
}

Test(child, a_script_without_a_first_line_is_the_shells)
{
	const char *arguments[] = { "name", "x y", NULL };
	char path[32];

	make_file(path, "echo \"got $1\"\n", 0700);
	cr_assert(child_start(
		&child, &(struct child_options){ .path = path, .arguments = arguments }, &why));
	cr_assert_str_eq(all_of(child.output), "got x y\n");
	finish(0);
	unlink(path);
}

Test(child, what_cannot_be_run_is_told)
{
	const char *arguments[] = { "x", NULL };
	const int before = open_descriptors();
	char path[32], text[128];

	make_file(path, "#!/nowhere/interpreter\n", 0700);
	cr_assert_not(child_start(
		&child, &(struct child_options){ .path = path, .arguments = arguments }, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	snprintf(text, sizeof(text), "cannot run %s: No such file or directory", path);
	cr_assert_str_eq(why.text, text);
	cr_assert_eq(child.pid, 0);
	cr_assert_eq(child.input, -1);
	cr_assert_eq(child.output, -1);
	cr_assert_eq(open_descriptors(), before);
	cr_assert_not(child_signal(&child, SIGTERM), "nobody is there");
	unlink(path);
}

/* The number below which none is free: what is open there stays open. */
static int fill_holes(void)
{
	int highest = 0, fd;

	for (fd = 0; fd < 1024; ++fd)
		if (fcntl(fd, F_GETFD) >= 0)
			highest = fd;
	do
		fd = dup(0);
	while (fd < highest);
	return fd + 1;
}

Test(child, no_descriptors_are_no_fault_of_the_program)
{
	const int lowest = fill_holes(), before = open_descriptors();
	struct rlimit limit;
	rlim_t usual;

	getrlimit(RLIMIT_NOFILE, &limit);
	usual = limit.rlim_cur;
	for (int more = 0; more < 4; ++more) {
		const struct child_options options = { .pty = more < 2 };

		limit.rlim_cur = (rlim_t)(lowest + more);
		cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
		why = (struct failure){ 0 };
		cr_assert_not(start_with(options, "exit 0"), "with room for %d", more);
		cr_assert_eq(why.class, FAILURE_OTHER);
		cr_assert_eq(why.error, EMFILE);
		cr_assert_eq(open_descriptors(), before);
	}
	limit.rlim_cur = usual;
	setrlimit(RLIMIT_NOFILE, &limit);
}
