/* SPDX-License-Identifier: MIT */
/* Names to addresses beside the loop.
 * Holds: nothing calls back before the start has returned; literals and localhost start no
 * thread and leave no watcher; a literal has one call, localhost two, IPv6 first; names under
 * .localhost are local; an unknown name, an unknown service, a literal of the other family, an
 * unknown zone and a bad IDN each have their exact text; a cancel is followed by no call, from
 * inside a call too, and while a thread is under way; the loop ends when all is answered;
 * waiting for all at once gives the same. Needs no network: names are literals, localhost or
 * under .invalid. */
#include <criterion/criterion.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/net/resolve.h>

struct heard {
	struct resolve *resolve;
	unsigned calls;
	bool more;
	bool cancel_at_first;
	char text[600]; /* addresses, or "!" and the failure's text */
	enum failure_class class;
};

static void hear(void *data, int family, const struct address *addresses, size_t count,
		 const struct failure *why, bool more)
{
	struct heard *heard = data;
	char text[ADDRESS_TEXT_MAX];

	heard->calls++;
	heard->more = more;
	cr_assert(family == AF_INET || family == AF_INET6 || why);
	cr_assert((why != NULL) == (count == 0));
	for (size_t i = 0; i < count; i++) {
		cr_assert_eq(addresses[i].any.sa_family, family);
		strcat(strcat(heard->text, address_text(text, &addresses[i])), " ");
	}
	if (why) {
		strcat(strcat(strcat(heard->text, "!"), why->text), " ");
		heard->class = why->class;
	}
	if (!heard->cancel_at_first)
		return;
	resolve_cancel(heard->resolve);
	heard->resolve = NULL;
}

static void ask(struct heard *heard, const char *host, const char *service, int port, int family)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);

	heard->resolve = resolve_start(loop, host, service, port, family, SOCK_STREAM, hear, heard);
	cr_assert_eq(heard->calls, 0);
	ev_run(loop, 0);
	resolve_cancel(heard->resolve);
	ev_loop_destroy(loop);
}

static void assert_answer(const char *host, const char *service, int port, int family,
			  unsigned calls, const char *expected)
{
	struct heard heard = { .calls = 0 };

	ask(&heard, host, service, port, family);
	cr_assert_eq(heard.calls, calls, "%s: %u calls", host, heard.calls);
	cr_assert(!heard.more);
	cr_assert_str_eq(heard.text, expected);
}

Test(resolve, literals)
{
	assert_answer("127.0.0.1", "80", 80, AF_UNSPEC, 1, "127.0.0.1:80 ");
	assert_answer("::1", "80", 80, AF_UNSPEC, 1, "[::1]:80 ");
	assert_answer("fe80::1%lo", "80", 80, AF_INET6, 1, "[fe80::1%lo]:80 ");
	assert_answer("127.0.0.1", "80", 80, AF_INET6, 1, "!127.0.0.1: not an IPv6 address ");
	assert_answer("::1", "80", 80, AF_INET, 1, "!::1: not an IPv4 address ");
}

Test(resolve, localhost_is_both_loopbacks)
{
	assert_answer("localhost", "9", 9, AF_UNSPEC, 2, "[::1]:9 127.0.0.1:9 ");
	assert_answer("LOCALHOST.", "9", 9, AF_UNSPEC, 2, "[::1]:9 127.0.0.1:9 ");
	assert_answer("a.localhost", "9", 9, AF_INET, 1, "127.0.0.1:9 ");
	assert_answer("a.localhost", "9", 9, AF_INET6, 1, "[::1]:9 ");
}

Test(resolve, service_names)
{
	assert_answer("127.0.0.1", "http", -1, AF_UNSPEC, 1, "127.0.0.1:80 ");
	assert_answer("localhost", "http", -1, AF_INET, 1, "127.0.0.1:80 ");
	assert_answer("127.0.0.1", "htpp", -1, AF_UNSPEC, 1,
		      "!\"htpp\" is not a known service; give the port as a number ");
}

Test(resolve, failures_name_the_host)
{
	struct heard heard = { .calls = 0 };
	const char *text = heard.text;

	ask(&heard, "nobody.invalid", "80", 80, AF_INET);
	cr_assert_eq(heard.calls, 1);
	cr_assert_eq(heard.class, FAILURE_NAME);
	cr_assert(!strcmp(text, "!nobody.invalid: name not known ") ||
			  !strcmp(text, "!nobody.invalid: the name server did not answer "),
		  "%s", text);
	assert_answer("fe80::1%nowhere-at-all", "80", 80, AF_UNSPEC, 1,
		      "!fe80::1%nowhere-at-all: this machine has no interface nowhere-at-all ");
	assert_answer("", "80", 80, AF_UNSPEC, 1, "!no host ");
}

Test(resolve, both_families_are_asked)
{
	struct heard heard = { .calls = 0 };

	ask(&heard, "nobody.invalid", "80", 80, AF_UNSPEC);
	cr_assert_eq(heard.calls, 2);
	cr_assert(!heard.more);
}

/* The name that is shown is the one the user wrote. */
Test(resolve, idn)
{
	struct heard heard = { .calls = 0 };
	static const char shown[] = "b\303\274cher.invalid: ";

	ask(&heard, "b\303\274cher.invalid", "80", 80, AF_INET);
	cr_assert_eq(heard.calls, 1);
	cr_assert(heard.class == FAILURE_USAGE /* no libidn2 here */ ||
			  !strncmp(heard.text + 1, shown, strlen(shown)),
		  "%s", heard.text);
}

Test(resolve, literal_needs_no_watcher)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct heard heard = { .calls = 0 };

	heard.resolve =
		resolve_start(loop, "127.0.0.1", "1", 1, AF_UNSPEC, SOCK_STREAM, hear, &heard);
	cr_assert_eq(ev_pending_count(loop), 1);
	ev_run(loop, EVRUN_NOWAIT);
	cr_assert_eq(heard.calls, 1);
	cr_assert_eq(ev_run(loop, EVRUN_NOWAIT), 0, "no active watcher");
	resolve_cancel(heard.resolve);
	ev_loop_destroy(loop);
}

Test(resolve, cancel_before_the_call)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost", "nobody.invalid", "" };
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct heard heard = { .calls = 0 };

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		heard.resolve =
			resolve_start(loop, hosts[i], "1", 1, AF_UNSPEC, SOCK_STREAM, hear, &heard);
		resolve_cancel(heard.resolve);
	}
	cr_assert_eq(ev_run(loop, 0), 0);
	cr_assert_eq(heard.calls, 0);
	ev_loop_destroy(loop);
	resolve_cancel(NULL);
}

Test(resolve, cancel_from_inside_the_first_call)
{
	static const char *const hosts[] = { "localhost", "nobody.invalid" };

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct heard heard = { .cancel_at_first = true };

		ask(&heard, hosts[i], "1", 1, AF_UNSPEC);
		cr_assert_eq(heard.calls, 1);
	}
}

Test(resolve, all_at_once)
{
	struct address *list;
	struct failure why = { 0 };
	char text[ADDRESS_TEXT_MAX];
	size_t count;

	cr_assert(resolve_now("localhost", "80", 80, AF_UNSPEC, SOCK_STREAM, false, &list, &count,
			      &why));
	cr_assert_eq(count, 2);
	cr_assert_str_eq(address_text(text, &list[0]), "[::1]:80");
	cr_assert_str_eq(address_text(text, &list[1]), "127.0.0.1:80");
	free(list);
	cr_assert(resolve_now("192.0.2.1", "domain", -1, AF_UNSPEC, SOCK_DGRAM, true, &list, &count,
			      &why));
	cr_assert_eq(count, 1);
	cr_assert_str_eq(address_text(text, &list[0]), "192.0.2.1:53");
	free(list);
}

Test(resolve, every_own_address_for_a_server)
{
	struct address *list;
	struct failure why = { 0 };
	char text[ADDRESS_TEXT_MAX];
	size_t count;

	cr_assert(resolve_now("", "80", 80, AF_UNSPEC, SOCK_STREAM, true, &list, &count, &why));
	cr_assert_eq(count, 2);
	cr_assert_str_eq(address_text(text, &list[0]), "[::]:80");
	cr_assert_str_eq(address_text(text, &list[1]), "0.0.0.0:80");
	free(list);
	cr_assert(!resolve_now("", "80", 80, AF_UNSPEC, SOCK_STREAM, false, &list, &count, &why));
	cr_assert_str_eq(why.text, "no host");
}

Test(resolve, all_at_once_fails_whole)
{
	struct address *list = NULL;
	struct failure why = { 0 };
	size_t count = 9;

	cr_assert(!resolve_now("::1", "80", 80, AF_INET, SOCK_STREAM, false, &list, &count, &why));
	cr_assert_eq(count, 0);
	cr_assert_null(list);
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, "::1: not an IPv4 address");
	cr_assert(!resolve_now("nobody.invalid", "80", 80, AF_UNSPEC, SOCK_STREAM, false, &list,
			       &count, &why));
	cr_assert_eq(why.class, FAILURE_NAME);
}
