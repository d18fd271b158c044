/* SPDX-License-Identifier: MIT */
/* Holds: what was said arrives with the half-close that follows; a connection that is gone is an
 * error, not a signal. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/serve/last_words.h>

Test(last_words, arrive_with_the_end)
{
	char out[10];
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	cr_assert_eq(last_words_send(pair[0], "bye", 3), 3);
	shutdown(pair[0], SHUT_WR);
	cr_assert_eq(read(pair[1], out, sizeof out), 3);
	cr_assert_eq(read(pair[1], out, sizeof out), 0);
	close(pair[0]);
	close(pair[1]);
}

Test(last_words, to_nobody_are_an_error)
{
	int pair[2];

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	close(pair[1]);
	cr_assert_eq(last_words_send(pair[0], "bye", 3), -1);
	cr_assert_eq(errno, EPIPE);
	close(pair[0]);
}
