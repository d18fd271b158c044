/* SPDX-License-Identifier: MIT */
/* tests/unit/get/output_all.c
 * Holds: at the end by a signal every open temporary file is kept or removed, in whatever order
 * they were opened and ended; what is whole, and what was never opened, is left; freeing afterwards
 * does nothing more. */
#include "get_folder.h"
#include "output_made.h"

#include <criterion/criterion.h>

TestSuite(output_all, .init = made_begin, .fini = made_end);

static struct output *named(const char *name)
{
	struct output_options options = made_options(OUTPUT_FILE, name);

	return made(&options);
}

Test(output_all, nothing_is_open)
{
	output_abandon_all();
	output_free(named("never-opened"));
	output_abandon_all();
	cr_assert_str_eq(folder_list(), "");
}

Test(output_all, what_can_be_continued_is_kept)
{
	struct output *a = named("a"), *b = named("b"), *c = named("c"), *d = named("d");

	made_write(a, 0, "a");
	made_write_bare(b, 0, "b");
	made_write(c, 0, "c");
	made_commit(c);
	output_abandon_all();
	cr_assert_str_eq(folder_list(), "a.part a.part.validator c");
	output_abandon_all();
	output_free(a);
	output_free(b);
	output_free(c);
	output_free(d);
	cr_assert_str_eq(folder_list(), "a.part a.part.validator c");
}

Test(output_all, ended_in_any_order)
{
	struct output *made_one[5];
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	static const int order[] = { 2, 4, 0, 3, 1 };

	for (int i = 0; i < 5; i++) {
		made_one[i] = named(names[i]);
		made_write(made_one[i], 0, "x");
		cr_assert(output_suspend(made_one[i]));
		made_write(made_one[i], 1, "y");
	}
	for (int i = 0; i < 4; i++)
		output_free(made_one[order[i]]);
	output_abandon_all();
	cr_assert_str_eq(folder_list(), "b.part b.part.validator");
	output_free(made_one[1]);
	output_abandon_all();
}
