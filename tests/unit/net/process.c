/* SPDX-License-Identifier: MIT */
/* What every program that lives in a pipeline does first and last.
 * Holds: closed standard descriptors are filled, so that no socket gets their numbers; reading
 * the new 0 ends at once, writing to the new 1 and 2 fails; open ones are left alone; SIGPIPE is
 * ignored, and a full file is an error; a closed standard output is remembered; death is by the
 * signal itself, even when it was ignored and blocked; a signal that does not end a process ends in
 * 128+n; the descriptor limit goes up to the hard one when it is needed and stays otherwise. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sockutil/net/process.h>

static int saved[3];

static void save(void)
{
	for (int fd = 0; fd <= 2; fd++)
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 100);
}

/* The test's own messages need the descriptors back. */
static void restore(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		dup2(saved[fd], fd);
		close(saved[fd]);
	}
}

Test(process, fills_closed_descriptors)
{
	char byte = 'x';
	ssize_t got, put1, put2;
	int error1, error2, next;

	save();
	for (int fd = 0; fd <= 2; fd++)
		close(fd);
	process_start();
	next = dup(saved[0]);
	got = read(0, &byte, 1);
	put1 = write(1, &byte, 1);
	error1 = errno;
	put2 = write(2, &byte, 1);
	error2 = errno;
	close(next);
	restore();
	cr_assert(next > 2);
	cr_assert_eq(got, 0);
	cr_assert_eq(put1, -1);
	cr_assert_eq(error1, EBADF);
	cr_assert_eq(put2, -1);
	cr_assert_eq(error2, EBADF);
	cr_assert(process_stdout_was_closed());
}

Test(process, leaves_open_descriptors_alone)
{
	int ends[2], put;

	save();
	cr_assert_eq(pipe(ends), 0);
	dup2(ends[1], 1);
	close(0);
	process_start();
	put = (int)write(1, "x", 1);
	restore();
	close(ends[0]);
	close(ends[1]);
	cr_assert_eq(put, 1);
	cr_assert(!process_stdout_was_closed());
}

Test(process, writing_to_a_broken_pipe_is_an_error)
{
	int ends[2];

	process_start();
	cr_assert_eq(pipe(ends), 0);
	close(ends[0]);
	cr_assert_eq(write(ends[1], "x", 1), -1);
	cr_assert_eq(errno, EPIPE);
	close(ends[1]);
}

Test(process, writing_beyond_the_size_limit_is_an_error)
{
	const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
	char path[] = "/tmp/sockutil-process-XXXXXX";
	ssize_t put;
	int error, fd = mkstemp(path);

	cr_assert(fd >= 0);
	unlink(path);
	process_start();
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	put = write(fd, "x", 1);
	error = errno;
	close(fd);
	cr_assert_eq(put, -1);
	cr_assert_eq(error, EFBIG);
}

Test(process, dies_by_the_signal_itself, .signal = SIGTERM)
{
	sigset_t set;

	signal(SIGTERM, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	process_die_by(SIGTERM);
}

Test(process, harmless_signal_ends_it_by_status, .exit_code = 128 + SIGURG)
{
	process_die_by(SIGURG);
}

Test(process, raises_the_descriptor_limit_when_needed)
{
	struct rlimit limit;

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 64;
	limit.rlim_max = 512;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	cr_assert_eq(process_descriptor_limit(64), 64UL, "enough is left alone");
	cr_assert_eq(process_descriptor_limit(65), 512UL);
	cr_assert_eq(process_descriptor_limit(100000), 512UL, "the hard limit holds");
}
