/* SPDX-License-Identifier: MIT */
/* text_output.c - text that is the whole answer to standard output. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <sockutil/modes/text_output.h>
#include <sockutil/net/process.h>

static bool wait_for_room(void)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&output, 1, -1) >= 0 || errno == EINTR;
}

static bool refuse(int error, struct failure *why)
{
	if (error == EPIPE)
		fail(why, FAILURE_READER_GONE, "the reader of standard output is gone");
	else
		fail_errno(why, FAILURE_OUTPUT, error, "standard output");
	return false;
}

bool text_output(const char *text, size_t length, struct failure *why)
{
	if (process_stdout_was_closed()) {
		fail(why, FAILURE_OUTPUT, "standard output is closed");
		return false;
	}
	while (length > 0) {
		ssize_t written = write(STDOUT_FILENO, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0 && errno == EAGAIN && wait_for_room())
			continue;
		if (written < 0)
			return refuse(errno, why);
		text += written;
		length -= (size_t)written;
	}
	return true;
}
