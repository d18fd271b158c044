/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls_load.c Holds, for the way of loading that this build has: a module that
 * is not installed is a usage failure that names the path; linked in, the table is there;
 * without TLS it is a usage failure; the kind of build is told without loading. */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/stream/tls.h>

Test(tls_load, what_this_build_has)
{
	struct failure why = { 0 };
	const struct tls_api *api = NULL;

	if (!strcmp(tls_kind(), "built in")) {
		api = tls_load(&why);
		cr_assert_not_null(api);
		cr_assert_eq(api->size, sizeof(*api));
		return;
	}
	if (!strcmp(tls_kind(), "none")) {
		cr_assert_null(tls_load(&why));
		cr_assert_eq(why.class, FAILURE_USAGE);
		cr_assert_str_eq(why.text, "this build has no TLS");
		return;
	}
	/* No module lies beside a test program. */
	cr_assert_str_eq(tls_kind(), "module " SOCKUTIL_LIBDIR "/sockutil-tls.so");
	api = tls_load(&why);
	if (api) /* an installed one */
		return;
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, "TLS is not installed: " SOCKUTIL_LIBDIR
				   "/sockutil-tls.so: No such file or directory");
}
