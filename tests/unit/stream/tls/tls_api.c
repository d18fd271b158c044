/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/tls_api.c
 * Holds: the table tells its size, by which a program knows its own module, and the library. */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/stream/tls/tls_api.h>

Test(tls_api, size_and_library)
{
	cr_assert_eq(sockutil_tls_api.size, sizeof(struct tls_api));
	cr_assert_eq(strncmp(sockutil_tls_api.library(), "OpenSSL ", 8), 0);
}
