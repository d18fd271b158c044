/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_DIAL_FAILURES_H
#define SOCKUTIL_NET_DIAL_FAILURES_H
/* The addresses that failed, each with its reason, and which of them says most. {0} is none. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

struct dial_failures {
	char text[400]; /* "192.0.2.1: connection refused; 2001:db8::1: no answer" */
	size_t length;
	unsigned left_out; /* those that did not fit */
	int rank;
	enum failure_class class;
	int error;
};

/* address "": the reason stands alone. */
void dial_failures_add(struct dial_failures *failures, const char *address,
		       const struct failure *why);

/* "where: 192.0.2.1: connection refused; ... and 3 more", in the class of the most telling one. */
void dial_failures_tell(const struct dial_failures *failures, const char *where,
			struct failure *why);
#endif
