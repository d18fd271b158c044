/* SPDX-License-Identifier: MIT */
/* src/stream/tap_output.c - the file of a recording, written in whole pieces. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/stream/tap_output.h>

enum { TAP_WAITING_MAX = 64 * 1024, TAP_WAIT_MS = 1000 };

static bool tap_output_failed(const struct tap_output *out, struct failure *why)
{
	fail_errno(why, FAILURE_OUTPUT, errno, "recording to %s", out->name);
	return false;
}

bool tap_output_open(struct tap_output *out, const char *name, struct failure *why)
{
	*out = (struct tap_output){ .name = memory_string(name) };
	out->fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (out->fd >= 0)
		return true;
	tap_output_failed(out, why);
	free(out->name);
	out->name = NULL;
	return false;
}

bool tap_output_flush(struct tap_output *out, struct failure *why)
{
	while (out->waiting.length > 0) {
		ssize_t n = write(out->fd, buffer_bytes(&out->waiting), out->waiting.length);

		if (n < 0 && errno != EINTR)
			return tap_output_failed(out, why);
		if (n > 0)
			buffer_take(&out->waiting, (size_t)n);
	}
	out->written_ms = clock_ms();
	return true;
}

bool tap_output_added(struct tap_output *out, struct failure *why)
{
	if (out->waiting.length < TAP_WAITING_MAX && clock_ms() - out->written_ms < TAP_WAIT_MS)
		return true;
	return tap_output_flush(out, why);
}

bool tap_output_close(struct tap_output *out, struct failure *why)
{
	bool ok;

	if (out->fd < 0)
		return true;
	ok = tap_output_flush(out, why);
	if (close(out->fd) != 0 && ok && errno != EINTR)
		ok = tap_output_failed(out, why);
	buffer_free(&out->waiting);
	free(out->name);
	*out = (struct tap_output){ .fd = -1 };
	return ok;
}
