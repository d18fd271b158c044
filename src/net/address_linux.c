/* SPDX-License-Identifier: MIT */
/* Linux's own address families: abstract Unix names (unix(7)) and vsock(7). */
#include <linux/vm_sockets.h>
#include <string.h>
#include <sys/socket.h>

#include <sockutil/net/address.h>

bool address_has_abstract(void)
{
	return true;
}

bool address_has_vsock(void)
{
	return true;
}

bool address_vsock(struct address *out, unsigned cid, unsigned port)
{
	const struct sockaddr_vm vm = {
		.svm_family = AF_VSOCK,
		.svm_cid = cid,
		.svm_port = port,
	};

	*out = (struct address){ .length = sizeof(vm) };
	memcpy(&out->storage, &vm, sizeof(vm));
	return true;
}

bool address_is_vsock(const struct address *address, unsigned *cid, unsigned *port)
{
	struct sockaddr_vm vm;

	if (address->any.sa_family != AF_VSOCK)
		return false;
	memcpy(&vm, &address->storage, sizeof(vm));
	*cid = vm.svm_cid;
	*port = vm.svm_port;
	return true;
}
