/* SPDX-License-Identifier: MIT */
/* A socket option by the name a user wrote.
 * Holds: the C constant in any case, with or without its prefix, '-' for '_'; a whole name wins
 * over a bare one; a bare name of two rows names both; "ttl" and "dscp" are a row of each IP
 * family; a name of another system says so; a mistyped one gets the nearest whole name, with and
 * without prefix; what is far gets the manual pages; every row is found by its own name and no two
 * rows share one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/net/sockopt_table.h>

static const char *found_name(const char *typed)
{
	const struct sockopt_row *found[2];
	struct failure why = { 0 };

	return sockopt_find(typed, found, &why) ? found[0]->name : "(none)";
}

static const char *refusal(const char *typed)
{
	static struct failure why;
	const struct sockopt_row *found[2];

	why = (struct failure){ 0 };
	cr_assert_not(sockopt_find(typed, found, &why), "%s", typed);
	cr_assert_eq(why.class, FAILURE_USAGE);
	return why.text;
}

Test(sockopt_find, names_in_every_spelling)
{
	cr_assert_str_eq(found_name("TCP_NODELAY"), "TCP_NODELAY");
	cr_assert_str_eq(found_name("tcp_nodelay"), "TCP_NODELAY");
	cr_assert_str_eq(found_name("NODELAY"), "TCP_NODELAY");
	cr_assert_str_eq(found_name("nodelay"), "TCP_NODELAY");
	cr_assert_str_eq(found_name("tcp-nodelay"), "TCP_NODELAY");
	cr_assert_str_eq(found_name("keepalive"), "SO_KEEPALIVE");
	cr_assert_str_eq(found_name("v6only"), "IPV6_V6ONLY");
	cr_assert_str_eq(found_name("tos"), "IP_TOS");
}

Test(sockopt_find, a_bare_name_of_two_rows_names_both)
{
	cr_assert_str_eq(
		refusal("multicast_loop"),
		"socket option multicast_loop is IP_MULTICAST_LOOP or IPV6_MULTICAST_LOOP: "
		"write the whole name");
	cr_assert_str_eq(found_name("ip_multicast_loop"), "IP_MULTICAST_LOOP");
}

Test(sockopt_find, ttl_and_dscp_are_for_both_families)
{
	const struct sockopt_row *found[2];
	struct failure why = { 0 };

	cr_assert(sockopt_find("ttl", found, &why));
	cr_assert_str_eq(found[0]->name, "IP_TTL");
	cr_assert_str_eq(found[1]->name, "IPV6_UNICAST_HOPS");
	cr_assert(sockopt_find("DSCP", found, &why));
	cr_assert_str_eq(found[0]->name, "IP_TOS");
	cr_assert_str_eq(found[1]->name, "IPV6_TCLASS");
	cr_assert(sockopt_find("ip_ttl", found, &why));
	cr_assert_str_eq(found[0]->name, "IP_TTL");
	cr_assert_null(found[1]);
}

Test(sockopt_find, a_name_of_another_system_says_so)
{
	char expected[200];

	for (const char *const *name = sockopt_table_elsewhere; *name; name++) {
		snprintf(expected, sizeof(expected), "socket option %s is not known on this system",
			 *name);
		cr_assert_str_eq(refusal(*name), expected);
		/* A bare name may be that of an option this system has. */
		cr_assert_str_neq(found_name(*name), *name);
	}
}

Test(sockopt_find, a_mistyped_name_gets_the_nearest)
{
	cr_assert_str_eq(refusal("TCP_NODLAY"),
			 "unknown socket option TCP_NODLAY; did you mean TCP_NODELAY?");
	cr_assert_str_eq(refusal("nodleay"),
			 "unknown socket option nodleay; did you mean TCP_NODELAY?");
	cr_assert_str_eq(refusal("keepaliv"),
			 "unknown socket option keepaliv; did you mean SO_KEEPALIVE?");
	cr_assert_str_eq(refusal("dcsp"), "unknown socket option dcsp; did you mean DSCP?");
}

Test(sockopt_find, what_is_far_gets_the_manual_pages)
{
	char text[200];

	cr_assert_str_eq(refusal("frobnicate-me-now"),
			 "unknown socket option frobnicate-me-now; "
			 "names are those of socket(7), tcp(7), ip(7), ipv6(7)");
	cr_assert_str_eq(refusal(""), "unknown socket option ; "
				      "names are those of socket(7), tcp(7), ip(7), ipv6(7)");
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	cr_assert(strstr(refusal(text), "names are those of"));
}

Test(sockopt_find, every_row_is_found_by_its_own_name)
{
	const struct sockopt_row *rows[SOCKOPT_ROWS_MAX];
	const struct sockopt_row *found[2];
	struct failure why = { 0 };
	size_t count = sockopt_rows(rows);

	cr_assert(count > 40);
	cr_assert(count < SOCKOPT_ROWS_MAX);
	for (size_t i = 0; i < count; i++) {
		cr_assert(sockopt_find(rows[i]->name, found, &why), "%s", why.text);
		cr_assert_eq(found[0], rows[i], "%s is there twice", rows[i]->name);
		cr_assert_not_null(rows[i]->kind, "%s", rows[i]->name);
		cr_assert(rows[i]->families != 0, "%s", rows[i]->name);
	}
}

Test(sockopt_find, bare_names)
{
	cr_assert_str_eq(sockopt_name_bare("SO_LINGER"), "LINGER");
	cr_assert_str_eq(sockopt_name_bare("TCP_CORK"), "CORK");
	cr_assert_str_eq(sockopt_name_bare("IP_TTL"), "TTL");
	cr_assert_str_eq(sockopt_name_bare("IPV6_TCLASS"), "TCLASS");
	cr_assert_str_eq(sockopt_name_bare("LOCAL_PEERCRED"), "LOCAL_PEERCRED");
}
