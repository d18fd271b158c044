/* SPDX-License-Identifier: MIT */
/*
 * Holds: users and groups that do not exist, root itself, and nonsense are told before anything is
 * given up. What it does as root is in the program's tests: it cannot be taken back here.
 */
#include <criterion/criterion.h>

#include <sockutil/net/privileges.h>

static void fails(const char *user, const char *text)
{
	struct failure why = { 0 };

	cr_assert_not(privileges_check(user, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_not(privileges_drop(user, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, text);
}

Test(privileges, what_is_not_there)
{
	fails("no-such-user-here", "--user no-such-user-here: no such user");
	fails("nobody:no-such-group-here", "--user: no such group: no-such-group-here");
	fails("", "--user \"\": write it as USER or USER:GROUP");
	fails(":nogroup", "--user \":nogroup\": write it as USER or USER:GROUP");
	fails("4294967296", "--user 4294967296: no such user");
}

Test(privileges, root_is_nobody_else)
{
	fails("root", "--user root: that is root; name another user");
	fails("0", "--user 0: that is root; name another user");
}
