/* SPDX-License-Identifier: MIT */
/* Holds: as many places as there are, over all workers; one that is given back is there for any of
 * them; a worker that begins anew has none. */
#include <criterion/criterion.h>

#include <sockutil/serve/exec_places.h>

static struct exec_places *places(unsigned workers, uint64_t most)
{
	struct failure why = { 0 };
	struct exec_places *made = exec_places_new(workers, most, &why);

	cr_assert(made, "%s", why.text);
	return made;
}

Test(exec_places, are_as_many_as_there_are)
{
	struct exec_places *p = places(1, 2);

	cr_assert(exec_places_take(p, 0));
	cr_assert(exec_places_take(p, 0));
	cr_assert_not(exec_places_take(p, 0));
	cr_assert_not(exec_places_take(p, 0));
	exec_places_give(p, 0);
	cr_assert(exec_places_take(p, 0));
	cr_assert_not(exec_places_take(p, 0));
	exec_places_free(p);
	exec_places_free(NULL);
}

Test(exec_places, are_for_all_workers)
{
	struct exec_places *p = places(3, 4);

	for (int i = 0; i < 3; ++i)
		cr_assert(exec_places_take(p, 2));
	cr_assert(exec_places_take(p, 0));
	cr_assert_not(exec_places_take(p, 1));
	exec_places_give(p, 2);
	cr_assert(exec_places_take(p, 1));
	cr_assert_not(exec_places_take(p, 2));
	exec_places_free(p);
}

Test(exec_places, of_a_worker_that_crashed_are_free)
{
	struct exec_places *p = places(2, 2);

	cr_assert(exec_places_take(p, 0));
	cr_assert(exec_places_take(p, 1));
	exec_places_begin(p, 1);
	cr_assert(exec_places_take(p, 0));
	cr_assert_not(exec_places_take(p, 1));
	exec_places_free(p);
}
