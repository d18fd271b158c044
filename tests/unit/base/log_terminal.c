/* SPDX-License-Identifier: MIT */
/* tests/unit/base/log_terminal.c - messages where something else is on the terminal as well.
 * Holds: the progress bar is cleared before a message and left alone by a log file; bytes for
 * a terminal go behind what waits; who holds the terminal gets what would go to standard error, and
 * nothing of a log file. */
#include "log_caught.h"

#include <criterion/criterion.h>
#include <string.h>

static void clear_bar(void *data)
{
	++*(int *)data;
	log_terminal("\r\033[K", 4);
}

Test(log, the_bar_is_cleared_before_a_message)
{
	int cleared = 0;

	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .batched = true });
	log_before_message(clear_bar, &cleared);
	log_notice("one");
	log_notice("two");
	cr_assert_eq(cleared, 0);
	log_flush();
	cr_assert_eq(cleared, 1);
	cr_assert_str_eq(log_caught(), "\r\033[K");
	cr_assert_str_eq(log_caught(), "sockutil: one\nsockutil: two\n");
	log_flush();
	cr_assert_eq(cleared, 1);
	log_before_message(NULL, NULL);
	log_error("three");
	cr_assert_eq(cleared, 1);
}

static void take_message(void *data, const char *bytes, size_t length)
{
	strncat(data, bytes, length);
}

Test(log, who_holds_the_terminal_gets_what_goes_to_standard_error)
{
	char taken[200] = "";

	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .batched = true });
	log_notice("before");
	log_through(take_message, taken);
	cr_assert_str_eq(log_caught(), "sockutil: before\n");
	log_notice("one");
	cr_assert_str_eq(taken, "");
	log_error("two");
	cr_assert_str_eq(taken, "sockutil: one\nsockutil: two\n");
	log_terminal("three", 5);
	cr_assert_str_eq(taken, "sockutil: one\nsockutil: two\nthree");
	cr_assert_str_eq(log_caught(), "");
	log_through(NULL, NULL);
	log_error("four");
	cr_assert_str_eq(log_caught(), "sockutil: four\n");
}

Test(log, who_holds_the_terminal_gets_nothing_of_a_log_file)
{
	char taken[200] = "";

	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .file = "/dev/null" });
	log_through(take_message, taken);
	log_error("one");
	cr_assert_str_eq(taken, "");
}

Test(log, the_bar_is_left_alone_by_a_log_file)
{
	int cleared = 0;

	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .file = "/dev/null" });
	log_before_message(clear_bar, &cleared);
	log_notice("one");
	cr_assert_eq(cleared, 0);
	log_terminal("50%", 3);
	cr_assert_str_eq(log_caught(), "50%");
}

Test(log, terminal_bytes_go_behind_what_waits)
{
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .batched = true });
	log_notice("one");
	log_terminal("\033[1A", 4);
	cr_assert_str_eq(log_caught(), "sockutil: one\n");
	cr_assert_str_eq(log_caught(), "\033[1A");
}
