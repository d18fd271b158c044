/* SPDX-License-Identifier: MIT */
/* Multipath TCP, a protocol of its own (RFC 8684), and files told apart by the nanosecond (inode(7)). */
#include <netinet/in.h>

#include <sockutil/net/listen_parts.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

bool listen_mptcp_protocol(int *protocol, struct failure *why)
{
	(void)why;
	*protocol = IPPROTO_MPTCP;
	return true;
}

bool listen_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}
