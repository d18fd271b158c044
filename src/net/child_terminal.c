/* SPDX-License-Identifier: MIT */
/* Pseudo-terminals for programs. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <sockutil/net/child_parts.h>

/* A size of zero makes programs that draw divide by it or give up. */
static void set_size(int master)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };

	(void)ioctl(master, TIOCSWINSZ, &size);
}

int child_terminal(char name[static CHILD_TERMINAL_MAX], struct failure *why)
{
	const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master >= 0 && fcntl(master, F_SETFD, FD_CLOEXEC) == 0 && grantpt(master) == 0 &&
	    unlockpt(master) == 0 && ptsname_r(master, name, CHILD_TERMINAL_MAX) == 0 &&
	    fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK) == 0) {
		set_size(master);
		return master;
	}
	fail_errno(why, FAILURE_OTHER, errno, "no terminal for a program");
	if (master >= 0)
		close(master);
	return -1;
}
