/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_CREDENTIALS_H
#define SOCKUTIL_NET_CREDENTIALS_H
/* Who is at the other end of a Unix-domain socket. */
#include <stdbool.h>
#include <sys/types.h>

struct credentials {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};

/* As the kernel saw it when the connection was made; false where it does not tell. */
bool credentials_of_peer(int fd, struct credentials *out);
#endif
