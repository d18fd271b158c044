/* SPDX-License-Identifier: MIT */
/* Holds: plain words stay, others are quoted; words are parted by blanks; a full string is cut and
 * stays a string. */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/cli/shell_word.h>

Test(shell_word, plain_and_quoted)
{
	char line[80] = "";

	shell_word_add(line, sizeof line, "--name=a/b:80");
	shell_word_add(line, sizeof line, "two words");
	shell_word_add(line, sizeof line, "");
	shell_word_add(line, sizeof line, "a'b");
	shell_word_add(line, sizeof line, "*");
	cr_assert_str_eq(line, "--name=a/b:80 'two words' '' 'a'\\''b' '*'");
}

Test(shell_word, cut_when_full)
{
	char line[8] = "";

	for (int i = 0; i < 5; i++)
		shell_word_add(line, sizeof line, "a b");
	cr_assert_str_eq(line, "'a b' '");
}
