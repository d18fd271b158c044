/* SPDX-License-Identifier: MIT */
/* tests/unit/net/child_status.c
 * Holds: exits and signals in words; signals without a name by their number; as our own status. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <sockutil/net/child.h>

static void check(const char *command, const char *text, int exit_status)
{
	char out[CHILD_STATUS_TEXT_MAX];
	const int status = system(command);

	cr_assert_eq(child_status_text(out, status), out);
	cr_assert_str_eq(out, text);
	cr_assert_eq(child_exit_status(status), exit_status);
}

Test(child_status, exits)
{
	check("exit 0", "exited with status 0", 0);
	check("exit 7", "exited with status 7", 7);
	check("exit 255", "exited with status 255", 255);
}

Test(child_status, signals)
{
	check("kill -SEGV $$", "killed by SIGSEGV", 128 + SIGSEGV);
	check("kill -HUP $$", "killed by SIGHUP", 128 + SIGHUP);
	check("kill -KILL $$", "killed by SIGKILL", 128 + SIGKILL);
}

#ifdef SIGRTMIN
Test(child_status, signals_without_a_name)
{
	char command[64], text[64];

	snprintf(command, sizeof(command), "kill -%d $$", SIGRTMIN + 3);
	snprintf(text, sizeof(text), "killed by signal %d", SIGRTMIN + 3);
	check(command, text, 128 + SIGRTMIN + 3);
}
#endif
