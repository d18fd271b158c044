/* SPDX-License-Identifier: MIT */
/* The addresses that failed.
 * Holds: each is named with its reason; one without an address stands alone; the most telling
 * one gives class and errno value, whatever the order; what does not fit is counted; a place of
 * any length leaves the reasons whole. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/net/dial_failures.h>

static void add(struct dial_failures *failures, const char *address, enum failure_class class,
		int error, const char *reason)
{
	struct failure why = { 0 };

	fail(&why, class, "%s", reason);
	why.error = error;
	dial_failures_add(failures, address, &why);
}

Test(dial_failures, one)
{
	struct dial_failures failures = { 0 };
	struct failure why = { 0 };

	add(&failures, "", FAILURE_CONNECT, ECONNREFUSED, "connection refused");
	dial_failures_tell(&failures, "127.0.0.1:9", &why);
	cr_assert_str_eq(why.text, "127.0.0.1:9: connection refused");
	cr_assert_eq(why.class, FAILURE_CONNECT);
	cr_assert_eq(why.error, ECONNREFUSED);
}

Test(dial_failures, the_most_telling_one_decides)
{
	static const struct {
		enum failure_class class;
		int error;
	} rising[] = {
		{ FAILURE_LOCAL_ADDRESS, EAFNOSUPPORT },
		{ FAILURE_TIMEOUT, ETIMEDOUT },
		{ FAILURE_CONNECT, ENETUNREACH },
		{ FAILURE_OTHER, EMFILE },
		{ FAILURE_LOCAL_ADDRESS, EADDRINUSE },
		{ FAILURE_CONNECT, ECONNREFUSED },
		{ FAILURE_USAGE, EINVAL },
	};

	for (size_t i = 0; i + 1 < sizeof(rising) / sizeof(rising[0]); i++) {
		for (size_t turned = 0; turned < 2; turned++) {
			struct dial_failures failures = { 0 };
			struct failure why = { 0 };

			add(&failures, "a", rising[i + turned].class, rising[i + turned].error,
			    "x");
			add(&failures, "b", rising[i + 1 - turned].class,
			    rising[i + 1 - turned].error, "y");
			dial_failures_tell(&failures, "h", &why);
			cr_assert_str_eq(why.text, "h: a: x; b: y");
			cr_assert_eq(why.class, rising[i + 1].class);
			cr_assert_eq(why.error, rising[i + 1].error);
		}
	}
}

Test(dial_failures, what_does_not_fit_is_counted)
{
	struct dial_failures failures = { 0 };
	struct failure why = { 0 };
	char address[40], where[400];
	const char *end;

	for (int i = 0; i < 64; i++) {
		snprintf(address, sizeof(address), "2001:db8::%x", i);
		add(&failures, address, FAILURE_CONNECT, ENETUNREACH, "network is unreachable");
	}
	cr_assert(failures.length < sizeof(failures.text));
	cr_assert_eq(failures.length, strlen(failures.text));
	dial_failures_tell(&failures, "example.org:80", &why);
	snprintf(address, sizeof(address), "; and %u more", failures.left_out);
	end = strstr(why.text, address);
	cr_assert_not_null(end, "%s", why.text);
	cr_assert_str_eq(end, address);
	memset(where, 'w', sizeof(where));
	memcpy(where + sizeof(where) - 4, ":80", 4);
	dial_failures_tell(&failures, where, &why);
	cr_assert_eq(strncmp(why.text, "...www", 6), 0);
	cr_assert_not_null(strstr(why.text, "w:80: 2001:db8::0: network is unreachable; "));
	cr_assert_str_eq(why.text + strlen(why.text) - strlen(address), address);
}
