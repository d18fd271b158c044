/* SPDX-License-Identifier: MIT */
/*
 * Holds: an option of netcat's or curl's gets the right command, with the operands of the line
 * wherever they stand; arguments of known options are no operands; what a shell would split is
 * quoted; a row comes before a hint.
 */
#include "made_up.h"

#include <criterion/criterion.h>

static void expect(const char *const *words, const char *message)
{
	struct made_up_line l;

	made_up_read(&l, words);
	cr_assert_not(l.good);
	cr_assert_eq(l.why.class, FAILURE_USAGE);
	cr_assert_str_eq(l.why.text, message);
	made_up_end(&l);
}
#define EXPECT(message, ...) expect((const char *const[]){ __VA_ARGS__, NULL }, (message))

Test(option_hint, shows_the_right_command)
{
	EXPECT("-l is netcat's; to be a server: sockutil serve 8080", "-l", "8080");
	EXPECT("-l is netcat's; to be a server: sockutil serve 8080", "-vl", "8080");
	EXPECT("-l is netcat's; to be a server: sockutil serve host 8080", "host", "-l", "8080");
	EXPECT("-l is netcat's; to be a server: sockutil serve ...", "-l");
	EXPECT("sockutil serve 8080 is a server", "--listen", "8080");
	EXPECT("sockutil serve ... is a server", "--listen=8080");
	EXPECT("-k is curl's; here: --insecure", "-k", "8080");
}

Test(option_hint, arguments_are_no_operands)
{
	EXPECT("-l is netcat's; to be a server: sockutil serve 8080", "-l", "-w", "5", "8080");
	EXPECT("-l is netcat's; to be a server: sockutil serve 8080", "-l", "-vw", "5", "8080");
	EXPECT("-l is netcat's; to be a server: sockutil serve 8080", "-l", "-w5", "8080");
	EXPECT("-l is netcat's; to be a server: sockutil serve 8080", "-l", "--timeout", "5",
	       "8080");
	EXPECT("-l is netcat's; to be a server: sockutil serve 8080", "-l", "--timeout=5", "8080");
	EXPECT("-l is netcat's; to be a server: sockutil serve 8080", "-l", "--wait", "8080");
	EXPECT("-l is netcat's; to be a server: sockutil serve 8080", "-l", "--unknown", "8080");
	EXPECT("-l is netcat's; to be a server: sockutil serve - -v", "-l", "-", "--", "-v");
	EXPECT("-l is netcat's; to be a server: sockutil serve ...", "-l", "-w");
}

Test(option_hint, quotes_for_a_shell)
{
	EXPECT("-l is netcat's; to be a server: sockutil serve 'a b' 'it'\\''s' ''", "-l", "a b",
	       "it's", "");
	EXPECT("-l is netcat's; to be a server: sockutil serve unix:/tmp/x '$HOME'", "-l",
	       "unix:/tmp/x", "$HOME");
}
