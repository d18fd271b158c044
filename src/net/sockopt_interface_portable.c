/* SPDX-License-Identifier: MIT */
/* A socket bound to a network interface where SO_BINDTODEVICE is missing: macOS has IP_BOUND_IF,
 * others nothing. */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <sockutil/net/sockopt.h>

#if defined(IP_BOUND_IF) && defined(IPV6_BOUND_IF)
static int bind_index(int fd, int family, unsigned index)
{
	if (family == AF_INET)
		return setsockopt(fd, IPPROTO_IP, IP_BOUND_IF, &index, sizeof(index));
	return setsockopt(fd, IPPROTO_IPV6, IPV6_BOUND_IF, &index, sizeof(index));
}
#else
static int bind_index(int fd, int family, unsigned index)
{
	(void)fd;
	(void)family;
	(void)index;
	errno = ENOPROTOOPT;
	return -1;
}
#endif

bool sockopt_bind_interface(int fd, int family, const char *name, struct failure *why)
{
	unsigned index = if_nametoindex(name);

	if (family != AF_INET && family != AF_INET6) {
		fail(why, FAILURE_USAGE, "interface %s: this socket is not an IP socket", name);
		return false;
	}
	if (index == 0) {
		fail(why, FAILURE_LOCAL_ADDRESS, "interface %s does not exist", name);
		return false;
	}
	if (bind_index(fd, family, index) == 0)
		return true;
	if (errno == ENOPROTOOPT)
		fail(why, FAILURE_USAGE, "interface %s: this system cannot bind to an interface",
		     name);
	else
		fail_errno(why, FAILURE_LOCAL_ADDRESS, errno, "cannot bind to interface %s", name);
	return false;
}
