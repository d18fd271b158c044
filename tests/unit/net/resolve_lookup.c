/* SPDX-License-Identifier: MIT */
/* One question about a name, answered on the calling thread.
 * Holds: what kind of host it is; what needs no thread; hosts are checked whoever asks, so that
 * "127.1" never reaches getaddrinfo(3); bounds of host and service; each family is answered for
 * itself, with its port. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/net/resolve_lookup.h>

static struct resolve_question question;
static struct resolve_answer answer;

static const char *refusal(const char *host)
{
	static struct failure why;

	cr_assert(!resolve_lookup_prepare(&question, host, "80", 80, SOCK_STREAM, false, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	return why.text;
}

static enum resolve_lookup_host kind(const char *host, int port)
{
	struct failure why = { 0 };

	cr_assert(resolve_lookup_prepare(&question, host, port < 0 ? "http" : "80", port,
					 SOCK_STREAM, true, &why),
		  "%s", why.text);
	return question.kind;
}

Test(resolve_lookup, kinds_of_hosts)
{
	cr_assert_eq(kind("example.org", 80), RESOLVE_HOST_NAME);
	cr_assert(!resolve_lookup_is_immediate(&question));
	cr_assert_eq(kind("127.0.0.1", 80), RESOLVE_HOST_LITERAL);
	cr_assert(resolve_lookup_is_immediate(&question));
	cr_assert_eq(kind("127.0.0.1", -1), RESOLVE_HOST_LITERAL);
	cr_assert(!resolve_lookup_is_immediate(&question));
	cr_assert_eq(kind("::1%lo", 80), RESOLVE_HOST_LITERAL);
	cr_assert_eq(kind("localhost", 80), RESOLVE_HOST_LOCAL);
	cr_assert_eq(kind("x.LocalHost.", 80), RESOLVE_HOST_LOCAL);
	cr_assert(resolve_lookup_is_immediate(&question));
	cr_assert_eq(kind("xlocalhost", 80), RESOLVE_HOST_NAME);
	cr_assert_eq(kind("localhost.example", 80), RESOLVE_HOST_NAME);
	cr_assert_eq(kind("", 80), RESOLVE_HOST_ANY);
}

Test(resolve_lookup, hosts_are_checked)
{
	char host[300], expected[400];

	cr_assert_str_eq(refusal("127.1"), "\"127.1\": an IPv4 address is four numbers from 0 to "
					   "255, as in 127.0.0.1");
	cr_assert_str_eq(refusal("a b"), "\"a b\": a space cannot be part of a host");
	cr_assert_str_eq(refusal(""), "no host");
	memset(host, 'a', sizeof(host));
	host[sizeof(host) - 1] = '\0';
	snprintf(expected, sizeof(expected), "\"%.100s\": too long for a host or a service", host);
	cr_assert_str_eq(refusal(host), expected);
}

Test(resolve_lookup, each_family_for_itself)
{
	char text[ADDRESS_TEXT_MAX];

	kind("localhost", -1);
	resolve_lookup(&question, AF_INET, &answer);
	cr_assert_eq(answer.count, 1);
	cr_assert_str_eq(address_text(text, &answer.addresses[0]), "127.0.0.1:80");
	cr_assert_eq(answer.why.class, FAILURE_NONE);
	resolve_lookup(&question, AF_INET6, &answer);
	cr_assert_eq(answer.count, 1);
	cr_assert_str_eq(address_text(text, &answer.addresses[0]), "[::1]:80");
	kind("::1", 80);
	resolve_lookup(&question, AF_INET, &answer);
	cr_assert_eq(answer.count, 0);
	cr_assert_str_eq(answer.why.text, "::1: not an IPv4 address");
}
