/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/socket_kernel.c
 * Holds: what is not acknowledged is counted, or not known here; a descriptor that is no socket
 * is not known; sends with the flag raise no signal. */
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/stream/socket_kernel.h>

Test(socket_kernel, the_queue_is_counted_or_unknown)
{
	int pair[2];
	long filled, queued;

	sockets_tcp_pair(pair);
	queued = socket_kernel_unacknowledged(pair[0]);
	cr_assert(queued == 0 || queued == -1);
	filled = (long)sockets_fill(pair[0]);
	if (queued == 0) {
		queued = socket_kernel_unacknowledged(pair[0]);
		cr_assert(queued > 0 && queued <= filled);
	}
	cr_assert_eq(socket_kernel_unacknowledged(-1), -1);
	close(pair[0]);
	close(pair[1]);
}

Test(socket_kernel, no_signal)
{
	int pair[2];

	sockets_unix_pair(pair);
	close(pair[1]);
	cr_assert_eq(send(pair[0], "x", 1, socket_kernel_no_signal(pair[0])), -1);
	cr_assert_eq(errno, EPIPE);
	close(pair[0]);
}
