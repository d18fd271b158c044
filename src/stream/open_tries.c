/* SPDX-License-Identifier: MIT */
/* open_tries.c - which failures to open may pass. */
#include <sockutil/stream/open_tries.h>

bool open_tries_may_pass(const struct failure *why)
{
	switch (why->class) {
	case FAILURE_CONNECT:
	case FAILURE_TIMEOUT:
	case FAILURE_NAME:
	case FAILURE_PROXY_NAME:
	case FAILURE_SEND:
	case FAILURE_RECEIVE:
		return true;
	/* Somebody who is there and answers wrongly goes on doing so; not one who went away, or who
	 * says that another one did. */
	case FAILURE_PROXY:
	case FAILURE_PROTOCOL:
	case FAILURE_TLS:
		return why->error != 0;
	default:
		return false;
	}
}
