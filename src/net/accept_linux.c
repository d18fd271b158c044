/* SPDX-License-Identifier: MIT */
/* accept4(2): connection and flags in one call. */
#include <sys/socket.h>

#include <sockutil/net/accept_descriptor.h>

int accept_descriptor(int listener, struct address *peer)
{
	peer->length = sizeof(peer->storage);
	return accept4(listener, &peer->any, &peer->length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
