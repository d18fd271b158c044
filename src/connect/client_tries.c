/* SPDX-License-Identifier: MIT */
/* src/connect/client_tries.c - which losses are come back from. */
#include <sockutil/connect/client_tries.h>

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
