/* SPDX-License-Identifier: MIT */
/* Base64.
 * Holds: the RFC's examples, padding included; all 64 digits and bytes with the high bit and NUL;
 * the text goes behind what the buffer holds; nothing makes nothing; back to bytes: exactly that
 * form, up to the room there is. */
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

static bool decoded(const char *text, const char *expected, size_t length)
{
	char bytes[16];
	size_t count = 77;

	memset(bytes, 'x', sizeof bytes);
	return base64_decode(bytes, sizeof bytes, &count, text, strlen(text)) && count == length &&
	       !memcmp(bytes, expected, length);
}

Test(base64, back_to_bytes)
{
	cr_assert(decoded("", "", 0));
	cr_assert(decoded("Zg==", "f", 1));
	cr_assert(decoded("Zm8=", "fo", 2));
	cr_assert(decoded("Zm9v", "foo", 3));
	cr_assert(decoded("Zm9vYg==", "foob", 4));
	cr_assert(decoded("AAA=", "\0\0", 2));
	cr_assert(decoded("/+8A", "\xff\xef\0", 3));
}

Test(base64, what_is_no_text_of_bytes)
{
	static const char *const bad[] = { "Z",      "Zg",   "Zg=",  "Zm9vYg",   "Zh==",
					   "Zm9=",   "Z===", "====", "Zg==Zg==", "Zm 9",
					   "Zm9v\n", "Zm-_", "=m9v", "Z=9v",     "Zm9\xff" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		cr_assert_not(decoded(bad[i], "", 0), "%s", bad[i]);
	cr_assert_not(decoded("Zg==", "", 0));
}

Test(base64, no_more_than_fits)
{
	char bytes[5] = "1234";
	size_t count = 77;

	cr_assert(base64_decode(bytes, 4, &count, "Zm9vYg==", 8));
	cr_assert_eq(count, 4);
	cr_assert_not(base64_decode(bytes, 3, &count, "Zm9vYg==", 8));
	cr_assert_eq(count, 0);
	cr_assert_eq(bytes[4], '\0');
	cr_assert_not(base64_decode(bytes, 4, &count, "Zm9v\0A==", 8));
}
