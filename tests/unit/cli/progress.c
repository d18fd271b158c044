/* SPDX-License-Identifier: MIT */
/*
 * Holds: the line with and without a total; the bar keeps its width while the numbers change, grows
 * with the terminal to a bound, and goes where there is no room; never as wide as the terminal;
 * more than the total is 100%; no time left without a rate; short work off a terminal writes
 * nothing; the end of what never started.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/cli/progress.h>

#define MIB (UINT64_C(1) << 20)

static void expect(struct progress_state state, const char *line)
{
	char out[300];

	cr_assert_eq(progress_format(out, sizeof out, &state), strlen(line), "%s", out);
	cr_assert_str_eq(out, line);
}

Test(progress, with_a_total)
{
	expect((struct progress_state){ 100 * MIB, 42 * MIB, 10 * MIB, 4200, 80 },
	       " 42% [===========>               ] 42 MiB of 100 MiB  10 MiB/s  5.80s left");
	expect((struct progress_state){ 100 * MIB, 100 * MIB, 10 * MIB, 10000, 80 },
	       "100% [===========================] 100 MiB of 100 MiB  10 MiB/s  10.00s");
	expect((struct progress_state){ 100 * MIB, 0, 0, 0, 80 },
	       "  0% [>                          ] 0 B of 100 MiB  0 B/s  0ms");
	expect((struct progress_state){ 10, 25, 1, 1000, 0 }, "100% 25 B of 10 B  1 B/s  1.00s");
}

Test(progress, without_a_total)
{
	expect((struct progress_state){ 0, 3 * MIB / 2, 1024, 61000, 80 },
	       "1.5 MiB  1 KiB/s  1m01s");
}

Test(progress, fits_every_width)
{
	for (unsigned columns = 1; columns < 300; columns++) {
		struct progress_state state = { UINT64_MAX, UINT64_MAX / 3, 123456789, 987654,
						columns };
		char out[300], small[10];
		size_t length = progress_format(out, sizeof out, &state);

		cr_assert_lt(length, columns == 1 ? sizeof out : columns);
		cr_assert_lt(progress_format(small, sizeof small, &state), sizeof small);
	}
}

Test(progress, bar_goes_where_there_is_no_room)
{
	struct progress_state state = { 100 * MIB, 42 * MIB, 10 * MIB, 4200, 58 };
	char out[100];

	progress_format(out, sizeof out, &state);
	cr_assert_null(strchr(out, '['));
	cr_assert_eq(strncmp(out, " 42% 42 MiB of 100 MiB", 22), 0);
	state.columns = 300;
	progress_format(out, sizeof out, &state);
	cr_assert_eq(strchr(out, ']') - strchr(out, '['), 41, "at most 40 inside");
}

Test(progress, short_work_writes_nothing_off_a_terminal)
{
	struct progress p = { 0 };

	progress_start(&p, 100);
	p.terminal = false;
	progress_show(&p, 50);
	progress_show(&p, 100);
	cr_assert_not(p.drawn);
	cr_assert_eq(p.shown_ms, p.started_ms);
	progress_end(&p);
}

Test(progress, end_of_what_never_started)
{
	struct progress p = { 0 };

	progress_end(&p);
	cr_assert_not(p.drawn);
}
