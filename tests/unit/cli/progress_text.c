/* SPDX-License-Identifier: MIT */
/*
 * Holds: the line with and without a total; the bar keeps its width while the numbers change, grows
 * with the terminal to a bound, and goes where there is no room; never as wide as the terminal;
 * more than the total is 100%; no time left without a rate; names are masked, cut and padded to one
 * column; objects with every member, null where nothing is known.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/cli/progress_text.h>

#define MIB (UINT64_C(1) << 20)

static void expect(struct progress_state state, const char *line)
{
	char out[PROGRESS_TEXT_MAX];

	cr_assert_eq(progress_format(out, sizeof out, &state), strlen(line), "%s", out);
	cr_assert_str_eq(out, line);
}

Test(progress_text, with_a_total)
{
	expect((struct progress_state){ 100 * MIB, 42 * MIB, 10 * MIB, 4200, 80, NULL },
	       " 42% [===========>               ] 42 MiB of 100 MiB  10 MiB/s  5.80s left");
	expect((struct progress_state){ 100 * MIB, 100 * MIB, 10 * MIB, 10000, 80, NULL },
	       "100% [===========================] 100 MiB of 100 MiB  10 MiB/s  10.00s");
	expect((struct progress_state){ 100 * MIB, 0, 0, 0, 80, NULL },
	       "  0% [>                          ] 0 B of 100 MiB  0 B/s  0ms");
	expect((struct progress_state){ 10, 25, 1, 1000, 0, NULL },
	       "100% 25 B of 10 B  1 B/s  1.00s");
	expect((struct progress_state){ 100, 25, 1, 1000, 0, NULL },
	       "25% 25 B of 100 B  1 B/s  1m15s left");
}

Test(progress_text, without_a_total)
{
	expect((struct progress_state){ 0, 3 * MIB / 2, 1024, 61000, 80, NULL },
	       "1.5 MiB  1 KiB/s  1m01s");
}

Test(progress_text, with_a_name)
{
	expect((struct progress_state){ 0, 1024, 1024, 1000, 0, "disk.iso" },
	       "disk.iso: 1 KiB  1 KiB/s  1.00s");
	expect((struct progress_state){ 0, 1024, 1024, 1000, 30, "disk.iso" },
	       "disk.iso   1 KiB  1 KiB/s  1.");
	expect((struct progress_state){ 0, 1024, 1024, 1000, 30, "a-long-name.iso" },
	       "a-long-... 1 KiB  1 KiB/s  1.");
	expect((struct progress_state){ 0, 1024, 1024, 1000, 60, "\x1b[31m" },
	       "\\x1b[31m             1 KiB  1 KiB/s  1.00s");
	expect((struct progress_state){ 0, 1024, 1024, 1000, 30, "bücher-größe" },
	       "bücher-... 1 KiB  1 KiB/s  1.");
	expect((struct progress_state){ 0, 1024, 1024, 1000, 30, "漢字漢字漢字" },
	       "漢字漢...  1 KiB  1 KiB/s  1.");
	expect((struct progress_state){ 100 * MIB, 42 * MIB, 10 * MIB, 4200, 100, "disk.iso" },
	       "disk.iso                          42% [=====>        ] 42 MiB of 100 MiB  10 MiB/s "
	       " "
	       "5.80s left");
}

Test(progress_text, fits_every_width)
{
	static const char *const names[] = { NULL, "größe-größe-größe-größe-größe", "漢字" };

	for (unsigned columns = 1; columns < 300; columns++)
		for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
			struct progress_state state = { UINT64_MAX, UINT64_MAX / 3, 123456789,
							987654,     columns,        names[i] };
			char out[PROGRESS_TEXT_MAX], small[10];
			size_t length = progress_format(out, sizeof out, &state);

			cr_assert(utf8_valid(out, length), "%u %s", columns, out);
			if (columns > 1)
				cr_assert_lt(utf8_width(out, length), columns, "%u %s", columns,
					     out);
			cr_assert_lt(progress_format(small, sizeof small, &state), sizeof small);
		}
}

Test(progress_text, bar_goes_where_there_is_no_room)
{
	struct progress_state state = { 100 * MIB, 42 * MIB, 10 * MIB, 4200, 58, NULL };
	char out[PROGRESS_TEXT_MAX];

	progress_format(out, sizeof out, &state);
	cr_assert_null(strchr(out, '['));
	cr_assert_eq(strncmp(out, " 42% 42 MiB of 100 MiB", 22), 0);
	state.columns = 300;
	progress_format(out, sizeof out, &state);
	cr_assert_eq(strchr(out, ']') - strchr(out, '['), 41, "at most 40 inside");
}

static void expect_json(struct progress_state state, const char *url, const char *file,
			const char *line)
{
	struct buffer out = { 0 };

	cr_assert(progress_json(&out, "progress", url, file, &state));
	cr_assert_str_eq(buffer_text(&out), line);
	buffer_free(&out);
}

Test(progress_text, objects)
{
	expect_json((struct progress_state){ 1000, 250, 100, 4200, 0, "x" }, "http://h/a", "a",
		    "{\"event\":\"progress\",\"url\":\"http://h/a\",\"file\":\"a\",\"done\":250,"
		    "\"total\":1000,\"rate\":100,\"eta\":8}\n");
	expect_json((struct progress_state){ 0, 250, 0, 4200, 0, NULL }, "http://h/\"", NULL,
		    "{\"event\":\"progress\",\"url\":\"http://h/\\\"\",\"file\":null,\"done\":250,"
		    "\"total\":null,\"rate\":0,\"eta\":null}\n");
}
