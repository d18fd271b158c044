/* SPDX-License-Identifier: MIT */
/* Base64.
 * Holds: the RFC's examples, padding included; all 64 digits and bytes with the high bit and NUL;
 * the text goes behind what the buffer holds; nothing makes nothing. */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/base/base64.h>

static struct buffer out;

static void tear_down(void)
{
	buffer_free(&out);
}

TestSuite(base64, .fini = tear_down);

static const char *encoded(const void *bytes, size_t length)
{
	buffer_free(&out);
	cr_assert(base64_add(&out, bytes, length));
	return buffer_text(&out);
}

Test(base64, examples_of_the_rfc)
{
	cr_assert_str_eq(encoded("", 0), "");
	cr_assert_str_eq(encoded("f", 1), "Zg==");
	cr_assert_str_eq(encoded("fo", 2), "Zm8=");
	cr_assert_str_eq(encoded("foo", 3), "Zm9v");
	cr_assert_str_eq(encoded("foob", 4), "Zm9vYg==");
	cr_assert_str_eq(encoded("fooba", 5), "Zm9vYmE=");
	cr_assert_str_eq(encoded("foobar", 6), "Zm9vYmFy");
}

Test(base64, every_digit)
{
	static const unsigned char bytes[48] = {
		0x00, 0x10, 0x83, 0x10, 0x51, 0x87, 0x20, 0x92, 0x8b, 0x30, 0xd3, 0x8f,
		0x41, 0x14, 0x93, 0x51, 0x55, 0x97, 0x61, 0x96, 0x9b, 0x71, 0xd7, 0x9f,
		0x82, 0x18, 0xa3, 0x92, 0x59, 0xa7, 0xa2, 0x9a, 0xab, 0xb2, 0xdb, 0xaf,
		0xc3, 0x1c, 0xb3, 0xd3, 0x5d, 0xb7, 0xe3, 0x9e, 0xbb, 0xf3, 0xdf, 0xbf,
	};

	cr_assert_str_eq(encoded(bytes, sizeof(bytes)),
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
	cr_assert_str_eq(encoded("\0\0", 2), "AAA=");
	cr_assert_str_eq(encoded("\377", 1), "/w==");
}

Test(base64, goes_behind_what_is_there)
{
	cr_assert(buffer_add(&out, "Basic ", 6));
	cr_assert(base64_add(&out, "a:b", 3));
	cr_assert_str_eq(buffer_text(&out), "Basic YTpi");
}
