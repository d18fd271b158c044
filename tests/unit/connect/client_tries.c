/* SPDX-License-Identifier: MIT */
/* tests/unit/connect/client_tries.c
 * Holds: of an open connection its loss and its end are come back from, what it joins is not. */
#include <criterion/criterion.h>

#include <sockutil/connect/client_tries.h>

static struct failure of(enum failure_class class, int error)
{
	return (struct failure){ .class = class, .error = error };
}

Test(client_tries, open_connections)
{
	static const bool coming_back[FAILURE_CLASSES] = {
		[FAILURE_NONE] = true,    [FAILURE_TIMEOUT] = true,   [FAILURE_SEND] = true,
		[FAILURE_RECEIVE] = true, [FAILURE_TRUNCATED] = true,
	};

	for (int class = 0; class < FAILURE_CLASSES; class ++) {
		const struct failure why = of((enum failure_class) class, 0);

		cr_expect_eq(client_tries_come_back(&why), coming_back[class], "%s",
			     failure_name(why.class));
	}
}
