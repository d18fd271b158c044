/* SPDX-License-Identifier: MIT */
/* src/connect/client_tries.c - which failures may pass. */
#include <sockutil/connect/client_tries.h>

bool client_tries_may_pass(const struct failure *why)
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

bool client_tries_come_back(const struct failure *why)
{
	switch (why->class) {
	case FAILURE_NONE:
	case FAILURE_TIMEOUT:
	case FAILURE_SEND:
	case FAILURE_RECEIVE:
	case FAILURE_TRUNCATED:
		return true;
	default:
		return false;
	}
}
