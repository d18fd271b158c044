/* SPDX-License-Identifier: MIT */
/* The public suffix list.
 * Holds: suffixes of one label and of more, of registries and of companies, wildcards and their
 * exceptions, in xn-- form; a label that no list has; a name below one is none. Where libpsl is
 * missing everything is unknown. */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdbool.h>

#include <sockutil/get/public_suffix.h>

static bool library_is_there(void)
{
	void *handle = dlopen("libpsl.so.5", RTLD_NOW);

	if (!handle)
		handle = dlopen("libpsl.5.dylib", RTLD_NOW);
	if (handle)
		dlclose(handle);
	return handle != NULL;
}

static void assert_each(const char *const *domains, enum public_suffix expected)
{
	if (!library_is_there())
		expected = PUBLIC_SUFFIX_UNKNOWN;
	for (; *domains; domains++)
		cr_assert_eq(public_suffix_of(*domains), expected, "%s", *domains);
}

Test(public_suffix, anybody_can_have_a_name_there)
{
	static const char *const domains[] = { "com",    "co.uk",         "github.io", "localhost",
					       "foo.ck", "xn--55qx5d.cn", "invalid",   NULL };

	assert_each(domains, PUBLIC_SUFFIX_YES);
}

Test(public_suffix, somebody_has_it)
{
	static const char *const domains[] = { "example.com", "example.co.uk", "x.github.io",
					       "a.b.invalid", "www.ck",        "www.example.com",
					       NULL };

	assert_each(domains, PUBLIC_SUFFIX_NO);
}
