/* SPDX-License-Identifier: MIT */
/* Listening for virtual machines and their host.
 * Holds: a port that is asked for is bound, 0 is the kernel's choice and is known afterwards; the
 * same port twice is in use; where the system has no vsock that is usage, where the kernel has none
 * it is said, and nothing stays open. */
#include "listen_support.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

enum { ANY_CID = -1, A_PORT = 47111 };

static bool open_port(struct listening *l, unsigned port)
{
	const struct endpoint endpoint = {
		.kind = ENDPOINT_VSOCK,
		.vsock_cid = (unsigned)ANY_CID,
		.vsock_port = port,
	};

	l->why = (struct failure){ 0 };
	return listen_open(&l->listeners, &l->count, &endpoint, &l->options, &l->why);
}

Test(listen_vsock, ports)
{
	struct listening l;
	unsigned before = listening_descriptors();

	listening_prepare(&l);
	if (!open_port(&l, A_PORT)) {
		cr_assert_eq(listening_descriptors(), before);
		cr_assert_eq(l.count, 0);
		cr_assert_str_eq(l.why.text, address_has_vsock()
						     ? "cannot open a socket: Address family not "
						       "supported by protocol"
						     : "this system has no vsock");
		cr_assert_eq(l.why.class,
			     address_has_vsock() ? FAILURE_LOCAL_ADDRESS : FAILURE_USAGE);
		return;
	}
	cr_assert_eq(address_port(&l.listeners[0].address), A_PORT);
	cr_assert_not(open_port(&l, A_PORT));
	cr_assert_eq(l.why.class, FAILURE_LOCAL_ADDRESS);
	cr_assert_eq(l.why.error, EADDRINUSE);
	cr_assert(strstr(l.why.text, "address already in use"), "%s", l.why.text);
	cr_assert(open_port(&l, 0), "%s", l.why.text);
	cr_assert_neq(address_port(&l.listeners[1].address), 0);
	cr_assert_neq(address_port(&l.listeners[1].address), A_PORT);
	listening_close(&l);
}
