/* SPDX-License-Identifier: MIT */
/* A batch that is stopped or freed before its time.
 * Holds: stopping tells of each transfer, oldest first, and never says done; stopping and freeing
 * work inside every event and leave no transfer behind; what the owner said is kept where it
 * forgets. */
#include "get_batch_owner.h"

#include <criterion/criterion.h>

Test(batch_stop, tells_of_each_that_is_stopped_and_never_says_done)
{
	static const char *const urls[] = { "a", "b", "c", "d", NULL };
	struct failure why = { 0 };
	struct owner o = { 0 };

	owner_start(&o, urls, 3);
	owner_settle(&o);
	owner_end_transfer("b", FAILURE_NONE);
	owner_assert_log(&o, "+a +b +c -b ");
	fail(&why, FAILURE_OTHER, "interrupted");
	batch_stop(o.batch, &why);
	owner_assert_log(&o, "-a:other -c:other ");
	cr_assert_eq(batch_played_live(), 0U);
	ev_run(o.loop, 0);
	owner_assert_log(&o, "");
	owner_end(&o);
}

static void ended_and_forgets(void *data, const struct batch_item *item,
			      const struct transfer_report *report)
{
	owner_ended(data, item, report);
	((struct owner *)data)->why.class = FAILURE_NONE;
}

Test(batch_stop, knows_why_it_is_stopped_when_the_owner_has_forgotten)
{
	static const char *const urls[] = { "a", "b", NULL };
	struct owner o = { .events.ended = ended_and_forgets };

	owner_start(&o, urls, 2);
	owner_settle(&o);
	fail(&o.why, FAILURE_TIMEOUT, "the owner's own");
	batch_stop(o.batch, &o.why);
	owner_assert_log(&o, "+a +b -a:timeout -b:timeout ");
	owner_end(&o);
}

static void run_deed(struct owner *o)
{
	static const char *const urls[] = { "a", "quick", "c", "d", NULL };

	owner_start(o, urls, 3);
	owner_settle(o);
	cr_assert_eq(batch_played_live(), 0U);
	ev_run(o->loop, 0);
	owner_end(o);
}

Test(batch_stop, can_be_stopped_inside_an_end)
{
	struct owner o = { .at = '-', .at_url = "quick", .deed = DEED_STOP };

	run_deed(&o);
	owner_assert_log(&o, "+a +quick +c -quick -a:other -c:other ");
}

Test(batch_stop, can_be_stopped_inside_the_end_of_a_stopped_one)
{
	static const char *const urls[] = { "a", "b", "c", NULL };
	struct owner o = { .at = '-', .at_url = "b", .deed = DEED_STOP };
	struct failure why = { 0 };

	owner_start(&o, urls, 3);
	owner_settle(&o);
	fail(&why, FAILURE_INPUT, "first");
	batch_stop(o.batch, &why);
	owner_assert_log(&o, "+a +b +c -a:input -b:input -c:other ");
	owner_end(&o);
}

Test(batch_stop, can_be_stopped_inside_a_start)
{
	struct owner o = { .at = '+', .at_url = "quick", .deed = DEED_STOP };

	run_deed(&o);
	owner_assert_log(&o, "+a +quick -a:other -quick:other ");
}

Test(batch_stop, can_be_stopped_when_asked_for_an_item)
{
	struct owner o = { .at = 'n', .deed = DEED_STOP };

	run_deed(&o);
	owner_assert_log(&o, "");
}

Test(batch_stop, can_be_freed_inside_an_end)
{
	struct owner o = { .at = '-', .at_url = "quick", .deed = DEED_FREE };

	run_deed(&o);
	owner_assert_log(&o, "+a +quick +c -quick ");
}

Test(batch_stop, can_be_stopped_and_freed_inside_an_end)
{
	struct owner o = { .at = '-', .at_url = "quick", .deed = DEED_STOP_AND_FREE };

	run_deed(&o);
	owner_assert_log(&o, "+a +quick +c -quick -a:other -c:other ");
}

Test(batch_stop, can_be_freed_inside_a_start)
{
	struct owner o = { .at = '+', .at_url = "quick", .deed = DEED_FREE };

	run_deed(&o);
	owner_assert_log(&o, "+a +quick ");
}

Test(batch_stop, can_be_freed_when_asked_for_an_item)
{
	struct owner o = { .at = 'n', .deed = DEED_FREE };

	run_deed(&o);
	owner_assert_log(&o, "");
}

Test(batch_stop, can_be_freed_when_done)
{
	static const char *const urls[] = { "quick", NULL };
	struct owner o = { .at = 'd', .deed = DEED_FREE };

	owner_start(&o, urls, 1);
	ev_run(o.loop, 0);
	owner_assert_log(&o, "+quick -quick | done");
	owner_end(&o);
}

Test(batch_stop, can_be_freed_inside_the_end_that_the_limit_brings)
{
	static const char *const urls[] = { "a", "b", NULL };
	struct owner o = { .options.max_ms = 1, .at = '-', .at_url = "a", .deed = DEED_FREE };

	owner_start(&o, urls, 2);
	ev_run(o.loop, 0);
	owner_assert_log(&o, "+a +b -a:timeout ");
	owner_end(&o);
}

Test(batch_stop, can_be_freed_while_it_runs_and_before_it_runs)
{
	static const char *const urls[] = { "a", "b", NULL };
	struct owner running = { 0 }, fresh = { 0 };

	owner_start(&running, urls, 2);
	owner_settle(&running);
	owner_end(&running);
	owner_assert_log(&running, "+a +b ");
	owner_start(&fresh, urls, 2);
	owner_end(&fresh);
	batch_free(NULL);
}
