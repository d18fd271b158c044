/* SPDX-License-Identifier: MIT */
/* SO_PEERCRED of unix(7). */
#include <sys/socket.h>

#include <sockutil/net/credentials.h>

bool credentials_of_peer(int fd, struct credentials *out)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || peer.pid == 0)
		return false;
	*out = (struct credentials){ .pid = peer.pid, .uid = peer.uid, .gid = peer.gid };
	return true;
}
