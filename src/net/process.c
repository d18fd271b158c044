/* SPDX-License-Identifier: MIT */
/* What every program that lives in a pipeline does first and last. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sockutil/net/process.h>

static bool stdout_was_closed;

static bool is_closed(int fd)
{
	return fcntl(fd, F_GETFD) == -1 && errno == EBADF;
}

/* The lowest free number is fd itself, as those below are open by now. Read-only makes every
 * write fail (EBADF). */
static void fill(int fd)
{
	if (open("/dev/null", O_RDONLY) != fd)
		(void)!open("/", O_RDONLY); /* a root without /dev */
}

void process_start(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	for (int fd = 0; fd <= 2; fd++) {
		if (!is_closed(fd))
			continue;
		fill(fd);
		if (fd == 1)
			stdout_was_closed = true;
	}
	sigaction(SIGPIPE, &ignore, NULL);
	/* A file at its size limit (ulimit -f) is a failed write, EFBIG, not the end. */
	sigaction(SIGXFSZ, &ignore, NULL);
}

bool process_stdout_was_closed(void)
{
	return stdout_was_closed;
}

_Noreturn void process_die_by(int number)
{
	const struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigaction(number, &standard, NULL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
	/* Still here: by default this signal does not end a process. */
	_exit(128 + number);
}

unsigned long process_descriptor_limit(unsigned long need)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	if (limit.rlim_cur != RLIM_INFINITY && need > limit.rlim_cur) {
		const struct rlimit wanted = { .rlim_cur = limit.rlim_max,
					       .rlim_max = limit.rlim_max };
		/* macOS refuses more than OPEN_MAX although the hard limit says infinity. */
		const struct rlimit modest = { .rlim_cur = need, .rlim_max = limit.rlim_max };

		if (setrlimit(RLIMIT_NOFILE, &wanted) == 0 ||
		    setrlimit(RLIMIT_NOFILE, &modest) == 0)
			getrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur == RLIM_INFINITY ? ULONG_MAX : (unsigned long)limit.rlim_cur;
}
