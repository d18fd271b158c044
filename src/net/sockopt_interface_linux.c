/* SPDX-License-Identifier: MIT */
/* A socket bound to a network interface, as socket(7) has it. */
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include <sockutil/net/sockopt.h>

bool sockopt_bind_interface(int fd, int family, const char *name, struct failure *why)
{
	if (family != AF_INET && family != AF_INET6) {
		fail(why, FAILURE_USAGE, "interface %s: this socket is not an IP socket", name);
		return false;
	}
	if (if_nametoindex(name) == 0) {
		fail(why, FAILURE_LOCAL_ADDRESS, "interface %s does not exist", name);
		return false;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name) + 1) == 0)
		return true;
	fail_errno(why, FAILURE_LOCAL_ADDRESS, errno, "cannot bind to interface %s", name);
	return false;
}
