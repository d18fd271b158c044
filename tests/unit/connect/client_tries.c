/* SPDX-License-Identifier: MIT */
/* tests/unit/connect/client_tries.c
 * Holds: what may pass is tried again, what is final is not; a proxy's refusal may pass only where
 * it says so; of an open connection its loss and its end are, what it joins is not. */
#include <criterion/criterion.h>
#include <errno.h>

#include <sockutil/connect/client_tries.h>

static struct failure of(enum failure_class class, int error)
{
	return (struct failure){ .class = class, .error = error };
}

Test(client_tries, opening)
{
	static const bool passing[FAILURE_CLASSES] = {
		[FAILURE_CONNECT] = true,    [FAILURE_TIMEOUT] = true, [FAILURE_NAME] = true,
		[FAILURE_PROXY_NAME] = true, [FAILURE_SEND] = true,    [FAILURE_RECEIVE] = true,
	};

	for (int class = 0; class < FAILURE_CLASSES; class ++) {
		const struct failure why = of((enum failure_class) class, 0);

		cr_expect_eq(client_tries_may_pass(&why), passing[class], "%s",
			     failure_name(why.class));
	}
}

Test(client_tries, proxies)
{
	const struct failure busy = of(FAILURE_PROXY, ECONNREFUSED), final = of(FAILURE_PROXY, 0);

	cr_assert(client_tries_may_pass(&busy));
	cr_assert_not(client_tries_may_pass(&final));
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
