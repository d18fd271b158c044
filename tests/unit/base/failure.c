/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/base/failure.c
 * Holds: fail() fills class and text, clears the errno and returns IO_FAILED; fail_errno() adds the
 * reason; a long text is cut where no character is torn, the reason stays; the arguments may be the
 * old text; every class has its exit status, its sentence and a lower-case name of its own; a class
 * that does not exist counts as OTHER.
 */
#include <criterion/criterion.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include <sockutil/base/failure.h>
#include <sockutil/base/utf8.h>

Test(failure, fills_class_and_text)
{
	struct failure why = { .error = EIO };

	cr_assert_eq(fail(&why, FAILURE_PROTOCOL, "bad %s %d", "head", 7), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_eq(why.error, 0);
	cr_assert_str_eq(why.text, "bad head 7");
}

Test(failure, adds_the_reason_of_an_errno)
{
	struct failure why = { 0 };

	cr_assert_eq(fail_errno(&why, FAILURE_CONNECT, ECONNREFUSED, "host:%d", 80), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_CONNECT);
	cr_assert_eq(why.error, ECONNREFUSED);
	cr_assert_str_eq(why.text, "host:80: Connection refused");
}

Test(failure, a_text_that_just_fits_is_whole)
{
	char text[sizeof((struct failure *)0)->text];
	struct failure why = { 0 };

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	fail(&why, FAILURE_OTHER, "%s", text);
	cr_assert_str_eq(why.text, text);
}

Test(failure, a_long_text_is_cut_between_characters)
{
	char text[600];

	for (size_t shift = 0; shift < 4; shift++) {
		struct failure why = { 0 };
		size_t length = shift;

		memset(text, 'x', shift);
		while (length + 4 < sizeof text) {
			memcpy(text + length, "\xf0\x9f\x98\x80", 4);
			length += 4;
		}
		text[length] = '\0';
		fail(&why, FAILURE_OTHER, "%s", text);
		length = strlen(why.text);
		cr_assert(length > sizeof why.text - 5 && length < sizeof why.text);
		cr_assert_eq(length % 4, shift);
		cr_assert(utf8_valid(why.text, length));
	}
}

Test(failure, a_long_text_gives_way_to_the_reason)
{
	char text[600];
	struct failure why = { 0 };

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	fail_errno(&why, FAILURE_OUTPUT, ENOSPC, "%s", text);
	cr_assert_eq(strlen(why.text), sizeof why.text - 1);
	cr_assert_str_eq(strchr(why.text, ':'), ": No space left on device");
}

Test(failure, the_old_text_may_be_an_argument)
{
	struct failure why = { 0 };

	fail_errno(&why, FAILURE_CONNECT, ETIMEDOUT, "::1");
	fail(&why, why.class, "all failed: %s", why.text);
	cr_assert_str_eq(why.text, "all failed: ::1: Connection timed out");
}

Test(failure, classes_have_their_statuses)
{
	cr_assert_eq(failure_status(FAILURE_NONE), 0);
	cr_assert_eq(failure_status(FAILURE_OTHER), 1);
	cr_assert_eq(failure_status(FAILURE_USAGE), 2);
	cr_assert_eq(failure_status(FAILURE_TRUNCATED), 18);
	cr_assert_eq(failure_status(FAILURE_TIMEOUT), 28);
	cr_assert_eq(failure_status(FAILURE_LOCAL_ADDRESS), 45);
	cr_assert_eq(failure_status(FAILURE_READER_GONE), 141);
	cr_assert_eq(failure_status((enum failure_class)FAILURE_CLASSES), 1);
}

Test(failure, statuses_rise_and_each_class_has_words)
{
	for (int i = 0; i < FAILURE_CLASSES; i++) {
		const char *name = failure_name((enum failure_class)i);

		if (i)
			cr_assert(failure_status((enum failure_class)i) >
				  failure_status((enum failure_class)(i - 1)));
		cr_assert(*failure_meaning((enum failure_class)i));
		cr_assert(*name);
		for (const char *c = name; *c; c++)
			cr_assert(islower((unsigned char)*c) || *c == '_', "%s", name);
		for (int other = 0; other < i; other++)
			cr_assert_str_neq(name, failure_name((enum failure_class)other));
	}
	cr_assert_str_eq(failure_name(FAILURE_READER_GONE), "reader_gone");
	cr_assert_str_eq(failure_name(FAILURE_LOCAL_ADDRESS), "local_address");
	cr_assert_str_eq(failure_meaning(FAILURE_TIMEOUT), "timed out");
}

Test(failure, says_where_it_happened)
{
	struct failure why = { 0 };

	fail_at(&why, "nowhere");
	cr_assert_eq(why.class, FAILURE_NONE);
	cr_assert_str_eq(why.text, "");
	fail_errno(&why, FAILURE_SEND, EPIPE, "lost");
	fail_at(&why, "example.org:80");
	cr_assert_eq(why.class, FAILURE_SEND);
	cr_assert_eq(why.error, EPIPE);
	cr_assert_str_eq(why.text, "example.org:80: lost: Broken pipe");
}
