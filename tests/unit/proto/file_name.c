/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/file_name.c
 * Holds: what stands behind the last slash or backslash is the name; no dot at the start, no "-",
 * nothing empty; 255 bytes at most; no control, separator or change of direction, no malformed
 * UTF-8; other names are as they came.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/proto/file_name.h>

static char out[FILE_NAME_MAX];

static const char *name(const char *from)
{
	memset(out, 'x', sizeof(out));
	return file_name_from_network(from, out) ? out : NULL;
}

Test(file_name, is_the_last_part)
{
	cr_assert_str_eq(name("a.html"), "a.html");
	cr_assert_str_eq(name("/etc/passwd"), "passwd");
	cr_assert_str_eq(name("../../x"), "x");
	cr_assert_str_eq(name("C:\\dir\\x.txt"), "x.txt");
	cr_assert_str_eq(name("a\\b/c"), "c");
	cr_assert_str_eq(name("a/b\\c"), "c");
	cr_assert_str_eq(name(".hidden/x"), "x");
}

Test(file_name, is_as_it_came)
{
	cr_assert_str_eq(name("a b;c'\"$(x)*?"), "a b;c'\"$(x)*?");
	cr_assert_str_eq(name("-rf"), "-rf");
	cr_assert_str_eq(name("a.."), "a..");
	cr_assert_str_eq(name("\xc3\xa4\xe6\x97\xa5\xf0\x9f\x98\x80.txt"),
			 "\xc3\xa4\xe6\x97\xa5\xf0\x9f\x98\x80.txt");
	/* joined by U+200D, which some scripts and emoji need */
	cr_assert_str_eq(name("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"),
			 "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb");
}

Test(file_name, nothing_safe_is_left)
{
	static const char *const none[] = { "",        "/",       "a/",   "a\\",   ".",
					    "..",      "/..",     "a/..", "-",     "x/-",
					    ".bashrc", "/etc/.x", "...",  "..\\.." };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		cr_assert_null(name(none[i]), "%s", none[i]);
}

Test(file_name, is_bounded)
{
	char from[300];

	snprintf(from, sizeof(from), "x/%0255d", 0);
	cr_assert_eq(strlen(name(from)), 255);
	snprintf(from, sizeof(from), "x/%0256d", 0);
	cr_assert_null(name(from));
}

Test(file_name, has_no_byte_below_a_space)
{
	for (int byte = 1; byte < 0x80; byte++) {
		const char from[] = { 'a', (char)byte, 'b', '\0' };

		cr_assert_eq(name(from) != NULL, byte >= 0x20 && byte != 0x7f, "%d", byte);
	}
}

Test(file_name, does_not_steer)
{
	static const char *const steering[] = {
		"a\xc2\x80"
		"b",
		"a\xc2\x9b"
		"b",
		"a\xd8\x9c"
		"b",
		"a\xe2\x80\x8e"
		"b",
		"a\xe2\x80\x8f"
		"b",
		"a\xe2\x80\xa8"
		"b",
		"a\xe2\x80\xa9"
		"b",
		"a\xe2\x80\xaa"
		"b",
		"a\xe2\x80\xae"
		"b",
		"a\xe2\x81\xa6"
		"b",
		"a\xe2\x81\xa9"
		"b",
	};

	for (size_t i = 0; i < sizeof(steering) / sizeof(steering[0]); i++)
		cr_assert_null(name(steering[i]), "%zu", i);
	cr_assert(name("a\xc2\xa0"
		       "b"));
	cr_assert(name("a\xe2\x81\xaa"
		       "b"));
}

Test(file_name, is_utf8)
{
	cr_assert_null(name("a\xff"));
	cr_assert_null(name("a\xc3"));
	cr_assert_null(name("\xc0\xae\xc0\xae"));
	cr_assert_null(name("\xed\xa0\x80"));
	cr_assert_str_eq(name("\xff/a"), "a");
}
