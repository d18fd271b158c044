/* SPDX-License-Identifier: MIT */
/* Listening for virtual machines and their host: vsock(7). */
#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/net/listen_parts.h>

/* VMADDR_PORT_ANY: the kernel picks. Written as 0, like everywhere else. */
static const unsigned any_port = UINT32_MAX;

bool listen_vsock(struct listen_batch *batch, const struct endpoint *endpoint,
		  const struct listen_options *options, struct failure *why)
{
	char name[ADDRESS_TEXT_MAX];
	struct address address;
	int fd;

	if (!address_vsock(&address, endpoint->vsock_cid,
			   endpoint->vsock_port ? endpoint->vsock_port : any_port)) {
		fail(why, FAILURE_USAGE, "this system has no vsock");
		return false;
	}
	address_text(name, &address);
	fd = listen_socket(address.any.sa_family, false, options, why);
	if (fd < 0)
		return false;
	if (bind(fd, &address.any, address.length) < 0)
		listen_refused(why, errno, name, &address, options);
	else if (listen_start(fd, name, options, why))
		return listen_add(batch, fd, endpoint->scheme, why);
	close(fd);
	return false;
}
