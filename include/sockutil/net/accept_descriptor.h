/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_ACCEPT_DESCRIPTOR_H
#define SOCKUTIL_NET_ACCEPT_DESCRIPTOR_H
/* accept(2) as this system does it best. For net/accept alone. */
#include <sockutil/net/address.h>

/* A non-blocking, close-on-exec descriptor, or -1 with errno. */
int accept_descriptor(int listener, struct address *peer);
#endif
