/* SPDX-License-Identifier: MIT */
/* Systems without abstract Unix names and vsock. */
#include <sockutil/net/address.h>

bool address_has_abstract(void)
{
	return false;
}

bool address_has_vsock(void)
{
	return false;
}

bool address_vsock(struct address *out, unsigned cid, unsigned port)
{
	(void)out;
	(void)cid;
	(void)port;
	return false;
}

bool address_is_vsock(const struct address *address, unsigned *cid, unsigned *port)
{
	(void)address;
	(void)cid;
	(void)port;
	return false;
}
