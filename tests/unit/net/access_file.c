/* SPDX-License-Identifier: MIT */
/* Files of rules.
 * Holds: a rule a line, blanks, empty lines, CRLF, comments and a missing last newline do not
 * matter; each rule knows its file and line; a bad line is named by file and number, whatever is
 * wrong with it; NUL bytes and overlong lines are refused; an unreadable file, a folder, a pipe and
 * one above 1 MiB are input failures; exactly 1 MiB is read. */
#include "listen_support.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/net/access_rule.h>

static struct failure why;

static struct access_rules parsed(const char *text)
{
	struct access_rules rules = { 0 };

	why = (struct failure){ 0 };
	cr_assert(access_file_parse(&rules, "acl", text, strlen(text), &why), "%s", why.text);
	return rules;
}

static const char *refusal(const char *text, size_t length)
{
	struct access_rules rules = { 0 };

	why = (struct failure){ 0 };
	cr_assert_not(access_file_parse(&rules, "acl", text, length, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	access_rules_free(&rules);
	return why.text;
}

Test(access_file, layout_does_not_matter)
{
	struct access_rules rules = parsed("# office\r\n"
					   "\r\n"
					   "  10.0.0.0/8\t# all of it\r\n"
					   "   \t \n"
					   "#\n"
					   "2001:db8::/32#x\n"
					   "unix");

	cr_assert_eq(rules.count, 3);
	cr_assert_str_eq(rules.items[0].text, "10.0.0.0/8");
	cr_assert_eq(rules.items[0].line, 3);
	cr_assert_str_eq(rules.items[0].file, "acl");
	cr_assert_str_eq(rules.items[1].text, "2001:db8::/32");
	cr_assert_eq(rules.items[1].line, 6);
	cr_assert_str_eq(rules.items[2].text, "unix");
	cr_assert_eq(rules.items[2].line, 7);
	access_rules_free(&rules);
}

Test(access_file, nothing_is_no_rule)
{
	struct access_rules rules = parsed("");

	cr_assert_eq(rules.count, 0);
	rules = parsed("\n\n# none\n");
	cr_assert_eq(rules.count, 0);
	access_rules_free(&rules);
}

Test(access_file, a_bad_line_is_named)
{
	char text[600];

	cr_assert_str_eq(refusal("unix\n10.0.0.1/8\n", 16),
			 "acl:2: 10.0.0.1/8: host bits are set; write 10.0.0.0/8 for the network");
	cr_assert_str_eq(refusal("@other\n", 7),
			 "acl:1: @other: a file of rules names no other file");
	cr_assert_str_eq(refusal("\n\nun\0ix\n", 8), "acl:3: a NUL byte");
	memset(text, 'a', sizeof(text));
	cr_assert_str_eq(refusal(text, sizeof(text)), "acl:1: longer than any rule");
}

Test(access_file, more_rules_than_there_may_be)
{
	size_t length = (ACCESS_RULES_MAX + 1) * 5;
	char *text = malloc(length);

	for (size_t i = 0; i <= ACCESS_RULES_MAX; i++)
		memcpy(text + i * 5, "unix\n", 5);
	cr_assert_str_eq(refusal(text, length), "acl:100001: more than 100000 rules");
	free(text);
}

static const char *unreadable(const char *file)
{
	struct access_rules rules = { 0 };

	why = (struct failure){ 0 };
	cr_assert_not(access_file_read(&rules, file, &why), "%s", file);
	cr_assert_eq(why.class, FAILURE_INPUT);
	access_rules_free(&rules);
	return why.text;
}

Test(access_file, what_cannot_be_read_is_an_input_failure)
{
	char expected[300];
	const char *pipe;

	listening_folder();
	snprintf(expected, sizeof(expected),
		 "cannot read the rules in %s: No such file or directory", listening_path("none"));
	cr_assert_str_eq(unreadable(listening_path("none")), expected);
	snprintf(expected, sizeof(expected),
		 "cannot read the rules in %s: not a regular file (it is read again on SIGHUP)",
		 listening_path("."));
	cr_assert_str_eq(unreadable(listening_path(".")), expected);
	pipe = listening_path("pipe");
	cr_assert_eq(mkfifo(pipe, 0600), 0);
	snprintf(expected, sizeof(expected),
		 "cannot read the rules in %s: not a regular file (it is read again on SIGHUP)",
		 pipe);
	cr_assert_str_eq(unreadable(pipe), expected);
	cr_assert_eq(unlink(pipe), 0);
	listening_remove_folder();
}

Test(access_file, one_mebibyte_and_no_more)
{
	struct access_rules rules = { 0 };
	char *bytes = malloc(ACCESS_FILE_MAX + 1);
	char expected[300];
	const char *path;
	int fd;

	listening_folder();
	path = listening_path("f");
	memset(bytes, '\n', ACCESS_FILE_MAX + 1);
	memcpy(bytes + ACCESS_FILE_MAX - 4, "unix", 4);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	cr_assert_eq(write(fd, bytes, ACCESS_FILE_MAX), ACCESS_FILE_MAX);
	cr_assert(access_file_read(&rules, path, &why), "%s", why.text);
	cr_assert_eq(rules.count, 1);
	access_rules_free(&rules);
	cr_assert_eq(write(fd, "\n", 1), 1);
	snprintf(expected, sizeof(expected), "cannot read the rules in %s: larger than 1 MiB",
		 path);
	cr_assert_str_eq(unreadable(path), expected);
	close(fd);
	free(bytes);
	unlink(path);
	listening_remove_folder();
}
