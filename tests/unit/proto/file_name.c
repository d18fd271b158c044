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
	cr_assert_str_eq(name("\303\244\346\227\245\360\237\230\200.txt"),
			 "\303\244\346\227\245\360\237\230\200.txt");
	/* joined by U+200D, which some scripts and emoji need */
	cr_assert_str_eq(name("\360\237\221\251\342\200\215\360\237\222\273"),
			 "\360\237\221\251\342\200\215\360\237\222\273");
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
		"a\302\200b",     "a\302\233b",     "a\330\234b",     "a\342\200\216b",
		"a\342\200\217b", "a\342\200\250b", "a\342\200\251b", "a\342\200\252b",
		"a\342\200\256b", "a\342\201\246b", "a\342\201\251b",
	};

	for (size_t i = 0; i < sizeof(steering) / sizeof(steering[0]); i++)
		cr_assert_null(name(steering[i]), "%zu", i);
	cr_assert(name("a\302\240b"));
	cr_assert(name("a\342\201\252b"));
}

Test(file_name, is_utf8)
{
	cr_assert_null(name("a\377"));
	cr_assert_null(name("a\303"));
	cr_assert_null(name("\300\256\300\256"));
	cr_assert_null(name("\355\240\200"));
	cr_assert_str_eq(name("\377/a"), "a");
}
