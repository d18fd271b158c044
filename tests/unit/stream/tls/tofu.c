/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/tofu.c Holds: no file and no line are unknown; comments and blank lines
 * do not count; names match without case and final dot, addresses in brackets, ports apart; one
 * of several lines is enough; a differing key names file, line and both keys; adding makes the
 * file for its owner alone, keeps what is there, mends a missing last newline, adds nothing
 * twice and sees what another program added; two programs at once both get in. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/stream/tls/tofu.h>

#define ONE   "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define OTHER "sha256//b1/+ZQ7MMQmDGc8cZAaPOAwgXdFtRQwTzJdOk9yFpZo="

TestSuite(tls_tofu, .init = tls_support_begin, .fini = tls_support_end);

static struct failure why;

static enum tofu_answer ask(const char *content, const char *host, const char *port)
{
	const char *file = tls_support_write("known", content, strlen(content), 0600);

	return tofu_ask(file, host, port, ONE, &why);
}

Test(tls_tofu, unknown)
{
	cr_assert_eq(tofu_ask(tls_support_path("absent"), "h", "1", ONE, &why), TOFU_UNKNOWN);
	cr_assert_eq(ask("", "h", "1"), TOFU_UNKNOWN);
	cr_assert_eq(ask("\n# h:1 " OTHER "\nx:1 " OTHER "\nh:2 " OTHER "\nh:1\n", "h", "1"),
		     TOFU_UNKNOWN);
	cr_assert_eq(why.class, FAILURE_NONE);
}

Test(tls_tofu, known)
{
	cr_assert_eq(ask("h:1 " ONE, "h", "1"), TOFU_KNOWN);
	cr_assert_eq(ask("h.example:1\t" ONE "\r\n", "H.Example.", "1"), TOFU_KNOWN);
	cr_assert_eq(ask("H.EXAMPLE:1 " ONE " since May\n", "h.example", "1"), TOFU_KNOWN);
	cr_assert_eq(ask("[::1]:443 " ONE "\n", "::1", "443"), TOFU_KNOWN);
	cr_assert_eq(ask("h:1 " OTHER "\nh:1 " ONE "\n", "h", "1"), TOFU_KNOWN);
}

Test(tls_tofu, differs)
{
	char text[500];

	cr_assert_eq(ask("# mine\nh:1 " OTHER "\n", "h", "1"), TOFU_DIFFERS);
	cr_assert_eq(why.class, FAILURE_PIN);
	snprintf(text, sizeof(text),
		 "the key of h:1 is not the known one: %s line 2 has " OTHER ", the peer shows " ONE
		 "; somebody may be in between, or the key was changed: then remove that line",
		 tls_support_path("known"));
	cr_assert_str_eq(why.text, text);
}

static void assert_no_file(const char *file)
{
	char text[300];

	snprintf(text, sizeof(text), "--tofu %s: not a regular file", file);
	cr_assert_eq(tofu_ask(file, "h", "1", ONE, &why), TOFU_FAILED);
	cr_assert_eq(why.class, FAILURE_INPUT);
	cr_assert_str_eq(why.text, text);
}

/* One is endless, one would wait for a writer. */
Test(tls_tofu, what_is_no_regular_file)
{
	const char *folder = tls_support_path("folder");
	const char *fifo = NULL;

	cr_assert_eq(mkdir(folder, 0700), 0);
	assert_no_file(folder);
	assert_no_file("/dev/zero");
	fifo = tls_support_path("fifo");
	cr_assert_eq(mkfifo(fifo, 0600), 0);
	assert_no_file(fifo);
	cr_assert_eq(tofu_add("/dev/full", "h", "1", ONE, &why), TOFU_FAILED);
	cr_assert_str_eq(why.text, "--tofu /dev/full: not a regular file");
}

Test(tls_tofu, adding)
{
	const char *file = tls_support_path("known");
	struct stat status;

	cr_assert_eq(tofu_add(file, "Host.example.", "443", ONE, &why), TOFU_KNOWN);
	cr_assert_eq(stat(file, &status), 0);
	cr_assert_eq(status.st_mode & 07777, 0600);
	cr_assert_eq(tofu_add(file, "::1", "443", ONE, &why), TOFU_KNOWN);
	cr_assert_eq(tofu_add(file, "::1", "443", ONE, &why), TOFU_KNOWN);
	cr_assert_str_eq(tls_support_read("known"),
			 "host.example:443 " ONE "\n[::1]:443 " ONE "\n");
	cr_assert_eq(tofu_add(file, "::1", "443", OTHER, &why), TOFU_DIFFERS);
	cr_assert_eq(why.class, FAILURE_PIN);
	cr_assert_str_eq(tls_support_read("known"),
			 "host.example:443 " ONE "\n[::1]:443 " ONE "\n");
}

Test(tls_tofu, adding_behind_a_line_without_its_newline)
{
	const char *file = tls_support_write("known", "x:1 " OTHER, 4 + strlen(OTHER), 0644);

	cr_assert_eq(tofu_add(file, "h", "1", ONE, &why), TOFU_KNOWN);
	cr_assert_str_eq(tls_support_read("known"), "x:1 " OTHER "\nh:1 " ONE "\n");
}
