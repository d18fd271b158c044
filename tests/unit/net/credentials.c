/* SPDX-License-Identifier: MIT */
/* tests/unit/net/credentials.c
 * Holds: who is at the other end of a Unix-domain socket, where the system tells; not for other
 * descriptors. */
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/net/credentials.h>

Test(credentials, of_a_unix_socket)
{
	struct credentials got = { 0 };
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	if (credentials_of_peer(ends[0], &got)) {
		cr_assert_eq(got.pid, getpid());
		cr_assert_eq(got.uid, geteuid());
		cr_assert_eq(got.gid, getegid());
	}
	close(ends[0]);
	close(ends[1]);
}

Test(credentials, not_of_others)
{
	struct credentials got;
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_not(credentials_of_peer(fd, &got));
	cr_assert_not(credentials_of_peer(-1, &got));
	close(fd);
}
