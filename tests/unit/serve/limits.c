/* SPDX-License-Identifier: MIT */
/*
 * Holds: places are given out to the last one and come back; a worker that is forgotten gives back
 * its own alone; an address has its share over all workers, IPv4 and mapped IPv6 are one; many
 * addresses come and go without losing count; the rate lets a second's worth through at once and
 * then one each; peers without an address are not counted; what --conn-rate takes.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/serve/limits.h>

static struct limits *limits_with(unsigned workers, uint64_t max, uint64_t per_address,
				  uint64_t rate)
{
	struct failure why = { 0 };
	struct limits *l =
		limits_new(&(struct limits_options){ workers, max, per_address, rate }, &why);

	cr_assert(l, "%s", why.text);
	return l;
}

static const struct address *from(const char *ip)
{
	static struct address address;

	cr_assert(address_parse_ip(ip, 4711, &address));
	return &address;
}

Test(limits, gives_places_to_the_last_one)
{
	struct limits *l = limits_with(1, 2, 0, 0);

	cr_assert(limits_reserve(l, 0));
	cr_assert(limits_reserve(l, 0));
	cr_assert_not(limits_reserve(l, 0));
	limits_release(l, 0);
	cr_assert(limits_reserve(l, 0));
	limits_free(l);
}

Test(limits, forgets_one_worker_alone)
{
	struct limits *l = limits_with(2, 3, 2, 0);

	cr_assert(limits_reserve(l, 0));
	cr_assert(limits_reserve(l, 1));
	cr_assert(limits_reserve(l, 1));
	cr_assert_eq(limits_admit(l, 0, from("192.0.2.1"), 0), LIMITS_ADMITTED);
	cr_assert_eq(limits_admit(l, 1, from("192.0.2.1"), 0), LIMITS_ADMITTED);
	cr_assert_eq(limits_admit(l, 0, from("192.0.2.1"), 0), LIMITS_PER_ADDRESS);
	limits_forget(l, 1);
	cr_assert(limits_reserve(l, 0));
	cr_assert(limits_reserve(l, 0));
	cr_assert_not(limits_reserve(l, 0));
	cr_assert_eq(limits_admit(l, 0, from("192.0.2.1"), 0), LIMITS_ADMITTED);
	cr_assert_eq(limits_admit(l, 0, from("192.0.2.1"), 0), LIMITS_PER_ADDRESS);
	limits_free(l);
}

Test(limits, counts_an_address_over_all_workers)
{
	struct limits *l = limits_with(3, 10, 2, 0);

	cr_assert_eq(limits_admit(l, 0, from("192.0.2.1"), 0), LIMITS_ADMITTED);
	cr_assert_eq(limits_admit(l, 1, from("::ffff:192.0.2.1"), 0), LIMITS_ADMITTED);
	cr_assert_eq(limits_admit(l, 2, from("192.0.2.1"), 0), LIMITS_PER_ADDRESS);
	cr_assert_eq(limits_admit(l, 2, from("192.0.2.2"), 0), LIMITS_ADMITTED);
	cr_assert_eq(limits_admit(l, 2, from("2001:db8::1"), 0), LIMITS_ADMITTED);
	limits_leave(l, 1, from("::ffff:192.0.2.1"));
	cr_assert_eq(limits_admit(l, 2, from("192.0.2.1"), 0), LIMITS_ADMITTED);
	limits_free(l);
}

/* A model beside it: what was admitted and has not left, by address. */
Test(limits, keeps_count_of_many_that_come_and_go)
{
	enum { ADDRESSES = 40, MAX = 60, EACH = 3 };
	struct limits *l = limits_with(1, MAX, EACH, 0);
	unsigned held[ADDRESSES] = { 0 }, all = 0;

	srand(1);
	for (int i = 0; i < 20000; i++) {
		unsigned who = (unsigned)rand() % ADDRESSES;
		char ip[32];

		snprintf(ip, sizeof ip, "2001:db8::%x", who * 1637);
		if (rand() % 2 && all < MAX) {
			enum limits_verdict expected =
				held[who] < EACH ? LIMITS_ADMITTED : LIMITS_PER_ADDRESS;

			cr_assert_eq(limits_admit(l, 0, from(ip), 0), expected, "step %d", i);
			held[who] += expected == LIMITS_ADMITTED;
			all += expected == LIMITS_ADMITTED;
		} else if (held[who]) {
			limits_leave(l, 0, from(ip));
			held[who]--;
			all--;
		}
	}
	limits_free(l);
}

Test(limits, lets_a_second_through_at_once_and_then_one_each)
{
	struct limits *l = limits_with(1, 10, 0, 4);
	int64_t now = 5000000;

	for (int i = 0; i < 4; i++)
		cr_assert_eq(limits_admit(l, 0, from("192.0.2.1"), now), LIMITS_ADMITTED);
	cr_assert_eq(limits_admit(l, 0, from("192.0.2.2"), now), LIMITS_RATE);
	cr_assert_eq(limits_admit(l, 0, from("192.0.2.1"), now + 249000), LIMITS_RATE);
	cr_assert_eq(limits_admit(l, 0, from("192.0.2.1"), now + 250000), LIMITS_ADMITTED);
	cr_assert_eq(limits_admit(l, 0, from("192.0.2.1"), now + 250000), LIMITS_RATE);
	limits_free(l);
}

Test(limits, a_connection_refused_for_its_rate_is_not_counted_for_its_address)
{
	struct limits *l = limits_with(1, 10, 2, 1);

	cr_assert_eq(limits_admit(l, 0, from("192.0.2.1"), 0), LIMITS_ADMITTED);
	cr_assert_eq(limits_admit(l, 0, from("192.0.2.1"), 0), LIMITS_RATE);
	cr_assert_eq(limits_admit(l, 0, from("192.0.2.1"), 1000000), LIMITS_ADMITTED);
	cr_assert_eq(limits_admit(l, 0, from("192.0.2.1"), 2000000), LIMITS_PER_ADDRESS);
	limits_free(l);
}

Test(limits, does_not_count_peers_without_an_address)
{
	struct address local = { .length = sizeof(sa_family_t) };
	struct limits *l = limits_with(1, 10, 1, 0);

	local.any.sa_family = AF_UNIX;
	for (int i = 0; i < 3; i++)
		cr_assert_eq(limits_admit(l, 0, &local, 0), LIMITS_ADMITTED);
	limits_leave(l, 0, &local);
	limits_free(l);
}

Test(limits, reads_a_rate)
{
	struct failure why = { 0 };
	uint64_t rate = 0;

	cr_assert(limits_parse_rate("20/s", &rate, &why) && rate == 20);
	cr_assert(limits_parse_rate("7", &rate, &why) && rate == 7);
	cr_assert(limits_parse_rate("1000000/s", &rate, &why) && rate == 1000000);
	for (const char *const *bad = (const char *const[]){ "", "/s", "0/s", "-1/s", "1.5/s",
							     "20/m", "1000001/s", "20/s ", NULL };
	     *bad; bad++) {
		cr_assert_not(limits_parse_rate(*bad, &rate, &why), "%s", *bad);
		cr_assert_eq(why.class, FAILURE_USAGE);
	}
	cr_assert_str_eq(
		why.text,
		"--conn-rate 20/s : not connections a second; write it as 20/s, 1/s to 1000000/s");
}
