/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/serve/gateway_names.c
 * Holds: the first datagrams to a name wait and go out in order once it is known, later ones at
 * once; IPv4 goes first; an address nobody accepts is none; what waits, how many names, and how
 * many are asked for are bounded; the count of lookups is given back, by an end halfway too.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/serve/gateway_names.h>

struct taken {
	struct ev_loop *loop;
	unsigned count, refuses;
	char bytes[100];
	char to[ADDRESS_TEXT_MAX];
};

static bool accepts(void *data, const struct address *address)
{
	const struct taken *taken = data;

	return taken->refuses != (unsigned)address->any.sa_family && taken->refuses != 1;
}

static void found(void *data, const struct address *to, const void *bytes, size_t length)
{
	struct taken *taken = data;

	taken->count++;
	snprintf(taken->bytes + strlen(taken->bytes), sizeof taken->bytes - strlen(taken->bytes),
		 "%.*s,", (int)length, (const char *)bytes);
	address_text(taken->to, to);
}

static struct gateway_names *names_of(struct taken *taken, unsigned *lookups)
{
	const struct gateway_names_options options = {
		.loop = taken->loop,
		.family = AF_UNSPEC,
		.lookups = lookups,
		.accepts = accepts,
		.found = found,
		.data = taken,
	};

	return gateway_names_new(&options);
}

static void run(const struct taken *taken, const unsigned *lookups)
{
	while (*lookups > 0)
		ev_run(taken->loop, EVRUN_ONCE);
}

Test(gateway_names, wait_until_the_name_is_known)
{
	struct taken taken = { .loop = ev_loop_new(0) };
	unsigned lookups = 0;
	struct gateway_names *names = names_of(&taken, &lookups);
	struct address to;
	char text[ADDRESS_TEXT_MAX];

	cr_assert_eq(gateway_names_ask(names, "localhost", 53, "a", 1, &to), IO_AGAIN);
	cr_assert_eq(gateway_names_ask(names, "LOCALHOST", 54, "", 0, &to), IO_AGAIN);
	cr_assert_eq(gateway_names_ask(names, "localhost", 55, "c", 1, &to), IO_AGAIN);
	cr_assert(lookups == 1 && taken.count == 0);
	run(&taken, &lookups);
	cr_assert_str_eq(taken.bytes, "a,,c,");
	cr_assert_str_eq(taken.to, "127.0.0.1:55");
	cr_assert_eq(gateway_names_ask(names, "localhost", 56, "d", 1, &to), IO_DONE);
	cr_assert_str_eq(address_text(text, &to), "127.0.0.1:56");
	cr_assert(lookups == 0 && taken.count == 3);
	gateway_names_free(names);
	ev_loop_destroy(taken.loop);
}

Test(gateway_names, what_is_not_accepted_is_not_taken)
{
	struct taken taken = { .loop = ev_loop_new(0), .refuses = AF_INET };
	unsigned lookups = 0;
	struct gateway_names *names = names_of(&taken, &lookups);
	struct address to;

	gateway_names_ask(names, "localhost", 53, "a", 1, &to);
	run(&taken, &lookups);
	cr_assert_str_eq(taken.to, "[::1]:53");
	taken.refuses = 1;
	gateway_names_ask(names, "x.localhost", 53, "b", 1, &to);
	run(&taken, &lookups);
	cr_assert_str_eq(taken.bytes, "a,");
	cr_assert_eq(gateway_names_ask(names, "x.localhost", 53, "b", 1, &to), IO_FAILED);
	gateway_names_free(names);
	ev_loop_destroy(taken.loop);
}

Test(gateway_names, what_cannot_be_a_name)
{
	struct taken taken = { .loop = ev_loop_new(0) };
	unsigned lookups = 0;
	struct gateway_names *names = names_of(&taken, &lookups);
	struct address to;
	char longest[256];

	memset(longest, 'n', 255);
	longest[255] = '\0';
	cr_assert_eq(gateway_names_ask(names, "a b", 53, "", 0, &to), IO_FAILED);
	cr_assert_eq(gateway_names_ask(names, "127.1", 53, "", 0, &to), IO_FAILED);
	cr_assert_eq(gateway_names_ask(names, longest, 53, "", 0, &to), IO_FAILED);
	cr_assert_eq(lookups, 0);
	gateway_names_free(names);
	ev_loop_destroy(taken.loop);
}

Test(gateway_names, everything_is_bounded)
{
	static char bytes[40000];
	struct taken taken = { .loop = ev_loop_new(0), .refuses = 1 };
	unsigned lookups = 0;
	struct gateway_names *names = names_of(&taken, &lookups);
	struct gateway_names *others = names_of(&taken, &lookups);
	struct gateway_names *third = names_of(&taken, &lookups);
	struct address to;
	char name[30];

	cr_assert_eq(gateway_names_ask(names, "a.localhost", 53, bytes, sizeof bytes, &to),
		     IO_AGAIN);
	cr_assert_eq(gateway_names_ask(names, "a.localhost", 53, bytes, sizeof bytes, &to),
		     IO_FAILED, "over what may wait");
	for (int i = 1; i < GATEWAY_NAMES_MAX; ++i) {
		snprintf(name, sizeof name, "n%d.localhost", i);
		cr_assert_eq(gateway_names_ask(names, name, 53, "", 0, &to), IO_AGAIN);
	}
	cr_assert_eq(gateway_names_ask(names, "more.localhost", 53, "", 0, &to), IO_FAILED);
	for (int i = 0; lookups < GATEWAY_NAMES_LOOKUPS_MAX; ++i) {
		snprintf(name, sizeof name, "n%d.localhost", i);
		cr_assert_eq(gateway_names_ask(others, name, 53, "", 0, &to), IO_AGAIN);
	}
	cr_assert_eq(gateway_names_ask(third, "more.localhost", 53, "", 0, &to), IO_FAILED);
	gateway_names_free(others);
	cr_assert_eq(lookups, GATEWAY_NAMES_MAX);
	cr_assert_eq(gateway_names_ask(third, "more.localhost", 53, "", 0, &to), IO_AGAIN);
	run(&taken, &lookups);
	/* The places of old answers are given to new names. */
	cr_assert_eq(gateway_names_ask(names, "new.localhost", 53, bytes, sizeof bytes, &to),
		     IO_AGAIN);
	gateway_names_free(names);
	gateway_names_free(third);
	gateway_names_free(NULL);
	cr_assert_eq(lookups, 0);
	ev_loop_destroy(taken.loop);
}
