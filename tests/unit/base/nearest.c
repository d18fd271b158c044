/* SPDX-License-Identifier: MIT */
/* Holds: each kind of slip (missing, extra, wrong, swapped letter) finds its name; case is ignored;
 * a beginning is near and beats a slip; of several beginnings the shortest name wins, of equals the
 * first; what is far, empty or very long finds nothing. */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/base/nearest.h>

static const char *const names[] = {
	"connect", "serve", "keepalive", "keepalive-time", "nodelay", "ttl", "udp", "user-timeout",
};

static const char *near(const char *typed)
{
	const char *name = nearest_name(typed, names, sizeof(names) / sizeof(names[0]));

	return name ? name : "(none)";
}

Test(nearest, finds_each_kind_of_slip)
{
	cr_assert_str_eq(near("conect"), "connect");
	cr_assert_str_eq(near("connnect"), "connect");
	cr_assert_str_eq(near("connecr"), "connect");
	cr_assert_str_eq(near("conenct"), "connect");
	cr_assert_str_eq(near("usertimeout"), "user-timeout");
}

Test(nearest, a_swap_at_either_end_is_one_edit)
{
	cr_assert_str_eq(near("upd"), "udp");
	cr_assert_str_eq(near("ocnnect"), "connect");
}

Test(nearest, ignores_case)
{
	cr_assert_str_eq(near("NODLAY"), "nodelay");
	cr_assert_str_eq(near("TTL"), "ttl");
}

Test(nearest, a_beginning_is_near)
{
	cr_assert_str_eq(near("us"), "user-timeout");
	cr_assert_str_eq(near("c"), "connect");
}

Test(nearest, the_shortest_of_several_beginnings_wins)
{
	cr_assert_str_eq(near("keep"), "keepalive");
}

Test(nearest, a_beginning_beats_a_slip)
{
	static const char *const both[] = { "tims", "time-out" };

	cr_assert_str_eq(nearest_name("time", both, 2), "time-out");
}

Test(nearest, the_same_name_beats_a_beginning)
{
	static const char *const both[] = { "time-out", "time" };

	cr_assert_str_eq(nearest_name("time", both, 2), "time");
}

Test(nearest, of_equals_the_first_wins)
{
	static const char *const both[] = { "bar", "baz" };

	cr_assert_str_eq(nearest_name("bax", both, 2), "bar");
}

Test(nearest, what_is_far_finds_nothing)
{
	cr_assert_str_eq(near("zebra"), "(none)");
	cr_assert_str_eq(near("keepsakes-box"), "(none)");
	cr_assert_str_eq(near("xyl"), "(none)");
}

Test(nearest, empty_and_very_long_find_nothing)
{
	char text[NEAREST_NAME_MAX + 2];

	memset(text, 'c', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	cr_assert_str_eq(near(""), "(none)");
	cr_assert_str_eq(near(text), "(none)");
	cr_assert_null(nearest_name("connect", NULL, 0));
}

Test(nearest, the_longest_name_allowed_is_compared)
{
	char name[NEAREST_NAME_MAX + 1];
	char typed[NEAREST_NAME_MAX + 1];
	const char *const one[] = { name };

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	memcpy(typed, name, sizeof(name));
	typed[0] = 'x';
	cr_assert_eq(nearest_name(typed, one, 1), name);
}
