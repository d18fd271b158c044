/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/content_disposition.c
 * Holds: tokens, quoted strings with escapes, and values without quotes that should have them;
 * filename* in UTF-8 and ISO-8859-1 goes first, and filename takes its place when it is of no use;
 * other parameters are passed over; malformed fields have no name, and two names are none; every
 * result fits and has no NUL.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/proto/content_disposition.h>

static char out[32];

static const char *name_bytes(const char *value, size_t length)
{
	/* Of exactly that size, so that a sanitizer sees a step over the end. */
	char *copy = malloc(length ? length : 1);
	bool found;

	memcpy(copy, value, length);
	memset(out, 'x', sizeof(out));
	found = content_disposition_name(copy, length, out, sizeof(out));
	free(copy);
	return found ? out : NULL;
}

static const char *name(const char *value)
{
	return name_bytes(value, strlen(value));
}

Test(content_disposition, tokens)
{
	cr_assert_str_eq(name("attachment; filename=a.txt"), "a.txt");
	cr_assert_str_eq(name("INLINE;FILENAME=a.txt"), "a.txt");
	cr_assert_str_eq(name(" attachment ;\tfilename = a.txt "), "a.txt");
	cr_assert_str_eq(name("x-other; filename=.."), "..");
	cr_assert_str_eq(name("attachment; filename=/etc/passwd"), "/etc/passwd");
	cr_assert_str_eq(name("attachment; filename=report(1)[2].pdf"), "report(1)[2].pdf");
	cr_assert_str_eq(name("attachment; filename=\303\244.txt"), "\303\244.txt");
	cr_assert_str_eq(name("attachment; filename=a%20b"), "a%20b");
}

Test(content_disposition, quoted_strings)
{
	cr_assert_str_eq(name("attachment; filename=\"a b.txt\""), "a b.txt");
	cr_assert_str_eq(name("attachment; filename=\"a;b=c,d\""), "a;b=c,d");
	cr_assert_str_eq(name("attachment; filename=\"a\\\"b\\\\c\\d\""), "a\"b\\cd");
	cr_assert_str_eq(name("attachment; filename=\"../../x\""), "../../x");
	cr_assert_str_eq(name("attachment; filename=\"a\tb\""), "a\tb");
	cr_assert_str_eq(name("attachment; filename=\"\377\""), "\377");
	cr_assert_null(name("attachment; filename=\"\""));
}

Test(content_disposition, extended_names)
{
	cr_assert_str_eq(name("attachment; filename*=UTF-8''%e2%82%ac%20rates"),
			 "\342\202\254 rates");
	cr_assert_str_eq(name("attachment; filename*=utf-8'en-GB'a%2Fb!#$&+-.^_`|~"),
			 "a/b!#$&+-.^_`|~");
	cr_assert_str_eq(name("attachment; filename*=ISO-8859-1''%A3%e4x%FF"),
			 "\302\243\303\244x\303\277");
	cr_assert_str_eq(name("attachment; filename=a; filename*=UTF-8''b"), "b");
	cr_assert_str_eq(name("attachment; FileName*=UTF-8''b; filename=a"), "b");
}

Test(content_disposition, an_extended_name_of_no_use)
{
	static const char *const useless[] = {
		"UTF-16''b",
		"b",
		"UTF-8'b",
		"UTF-8''",
		"UTF-8''%",
		"UTF-8''%4",
		"UTF-8''%4g",
		"UTF-8''%00",
		"UTF-8''%ff",
		"UTF-8''%c0%ae",
		"UTF-8''b(c)",
		"UTF-8''b'c",
		"\"UTF-8''b\"",
		"''b",
		"UTF-8''%ed%a0%80",
		"UTF-8''b*",
		"UTF-8''\303\244",
		"UTF-8''12345678901234567890123456789012",
		"ISO-8859-1''123456789012345678901234567890%e4",
		"ISO-8859-1''b%00",
	};
	char value[128];

	for (size_t i = 0; i < sizeof(useless) / sizeof(useless[0]); i++) {
		snprintf(value, sizeof(value), "attachment; filename=a; filename*=%s", useless[i]);
		cr_assert_str_eq(name(value), "a", "%s", useless[i]);
		snprintf(value, sizeof(value), "attachment; filename*=%s", useless[i]);
		cr_assert_null(name(value), "%s", useless[i]);
	}
}

Test(content_disposition, other_parameters)
{
	cr_assert_str_eq(name("attachment; size=3; filename=a; x=\"filename=b\""), "a");
	cr_assert_str_eq(name("attachment; filename=a;"), "a");
	cr_assert_str_eq(name("attachment;; ; filename=a ;"), "a");
	cr_assert_str_eq(name("attachment; filename2=b; filename=a; filename*2=c"), "a");
	cr_assert_str_eq(name("attachment; x=1; x=2; filename=a"), "a");
	cr_assert_null(name("attachment"));
	cr_assert_null(name("attachment;"));
	cr_assert_null(name("attachment; name=a"));
}

Test(content_disposition, malformed_fields)
{
	static const char *const malformed[] = {
		"",
		" ",
		";",
		"filename=a",
		"; filename=a",
		"attachment filename=a",
		"attachment, filename=a",
		"attachment; filename",
		"attachment; filename=",
		"attachment; filename=;",
		"attachment; =a",
		"attachment; filename=a b.txt",
		"attachment; filename=\"a",
		"attachment; filename=\"a\\",
		"attachment; filename=\"a\\\"",
		"attachment; filename=\"a\"b",
		"attachment; filename=a\"b\"",
		"attachment; filename=a\\b",
		"attachment; filename==a",
		"attachment; filename=a,b",
		"attachment; filename=a, attachment; filename=b",
		"attachment; filename=a; filename=b",
		"attachment; filename=a; FILENAME=\"a\"",
		"attachment; filename*=UTF-8''a; filename*=UTF-8''b",
		"attachment; filename=a; x",
		"attachment; filename=a; x=",
		"attachment; filename=a; x=\"",
		"attachment; filename=a; (x)=y",
		"attachment; filename=\"a\nb\"",
		"attachment; filename=\"a\\\nb\"",
		"attachment; filename=a\nb",
		"att@chment; filename=a",
	};

	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
		cr_assert_null(name(malformed[i]), "%s", malformed[i]);
	cr_assert_null(name_bytes("attachment; filename=a\0b", 24));
	cr_assert_null(name_bytes("attachment; filename=\"a\0b\"", 26));
	cr_assert_null(name_bytes("attachment; filename=\"a\\\0b\"", 27));
	cr_assert_str_eq(name_bytes("attachment; filename=ab", 22), "a");
}

Test(content_disposition, names_fit)
{
	char small[2] = "xx";

	cr_assert_str_eq(name("attachment; filename=1234567890123456789012345678901"),
			 "1234567890123456789012345678901");
	cr_assert_null(name("attachment; filename=12345678901234567890123456789012"));
	cr_assert(content_disposition_name("a; filename=b", 13, small, 2));
	cr_assert_str_eq(small, "b");
	cr_assert(!content_disposition_name("a; filename=b", 13, small, 1));
	cr_assert(!content_disposition_name("a; filename=b", 13, small, 0));
	cr_assert(!content_disposition_name("a; filename*=UTF-8''b", 21, small, 0));
}
