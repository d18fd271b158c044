/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/open_tries.c
 * Holds: what may pass is tried again, what is final is not; what a proxy, WebSocket or TLS says
 * only where it is about somebody who went away. */
#include <criterion/criterion.h>
#include <errno.h>

#include <sockutil/stream/open_tries.h>

static struct failure of(enum failure_class class, int error)
{
	return (struct failure){ .class = class, .error = error };
}

Test(open_tries, opening)
{
	static const bool passing[FAILURE_CLASSES] = {
		[FAILURE_CONNECT] = true,    [FAILURE_TIMEOUT] = true, [FAILURE_NAME] = true,
		[FAILURE_PROXY_NAME] = true, [FAILURE_SEND] = true,    [FAILURE_RECEIVE] = true,
	};

	for (int class = 0; class < FAILURE_CLASSES; class ++) {
		const struct failure why = of((enum failure_class) class, 0);

		cr_expect_eq(open_tries_may_pass(&why), passing[class], "%s",
			     failure_name(why.class));
	}
}

Test(open_tries, those_who_answer_only_with_an_error_of_their_own)
{
	static const enum failure_class classes[] = { FAILURE_PROXY, FAILURE_PROTOCOL,
						      FAILURE_TLS };

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		const struct failure passing = of(classes[i], ECONNREFUSED);
		const struct failure final = of(classes[i], 0);

		cr_expect(open_tries_may_pass(&passing));
		cr_expect_not(open_tries_may_pass(&final));
	}
}
