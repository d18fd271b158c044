/* SPDX-License-Identifier: MIT */
/* base_sanitizer.c - under a sanitizer an impossible allocation fails as it does without one,
 * instead of ending the test. */
/* Visible: the sanitizer may be a shared library. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}
