/* SPDX-License-Identifier: MIT */
/* One rule of --allow or --deny.
 * Holds: addresses, networks, names, unix and vsock are told apart; prefixes from 0 to all bits;
 * host bits are refused with the network's own form; IPv4-mapped addresses and networks are IPv4; a
 * zone is kept for an address and refused for a network; what is malformed has its exact reason;
 * matching is exact at every prefix length; a family never matches the other; lists are bounded. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/net/access_rule.h>

static struct access_rule parsed(const char *text)
{
	struct access_rule rule;
	struct failure why = { 0 };

	cr_assert(access_rule_parse(&rule, text, &why), "%s: %s", text, why.text);
	return rule;
}

static const char *refusal(const char *text)
{
	static struct failure why;
	struct access_rule rule;

	why = (struct failure){ 0 };
	cr_assert_not(access_rule_parse(&rule, text, &why), "%s", text);
	cr_assert_eq(why.class, FAILURE_USAGE);
	return why.text;
}

static bool matches(const char *rule_text, const char *peer_text)
{
	struct access_rule rule = parsed(rule_text);
	struct access_rule peer;
	struct address address;

	cr_assert(address_parse_ip(peer_text, 4711, &address), "%s", peer_text);
	cr_assert(access_rule_of_peer(&peer, &address));
	return access_rule_matches(&rule, &peer);
}

Test(access_rule, kinds_are_told_apart)
{
	cr_assert_eq(parsed("10.0.0.0/8").kind, ACCESS_NETWORK);
	cr_assert_eq(parsed("10.0.0.1").kind, ACCESS_NETWORK);
	cr_assert_eq(parsed("2001:db8::/32").kind, ACCESS_NETWORK);
	cr_assert_eq(parsed("example.org").kind, ACCESS_NAME);
	cr_assert_eq(parsed("unix").kind, ACCESS_UNIX);
	cr_assert_eq(parsed("unix.example").kind, ACCESS_NAME);
	cr_assert_eq(parsed("vsocks.example").kind, ACCESS_NAME);
}

Test(access_rule, prefixes)
{
	cr_assert_eq(parsed("0.0.0.0/0").prefix, 0);
	cr_assert_eq(parsed("10.0.0.0/8").prefix, 8);
	cr_assert_eq(parsed("10.0.0.1/32").prefix, 32);
	cr_assert_eq(parsed("10.0.0.1").prefix, 32);
	cr_assert_eq(parsed("::/0").prefix, 0);
	cr_assert_eq(parsed("::1/128").prefix, 128);
	cr_assert_eq(parsed("::1").prefix, 128);
	cr_assert_str_eq(refusal("10.0.0.0/33"), "a prefix is a number from 0 to 32");
	cr_assert_str_eq(refusal("10.0.0.0/"), "a prefix is a number from 0 to 32");
	cr_assert_str_eq(refusal("10.0.0.0/-1"), "a prefix is a number from 0 to 32");
	cr_assert_str_eq(refusal("10.0.0.0/255.0.0.0"), "a prefix is a number from 0 to 32");
	cr_assert_str_eq(refusal("10.0.0.0/8/8"), "a prefix is a number from 0 to 32");
	cr_assert_str_eq(refusal("::/129"), "a prefix is a number from 0 to 128");
}

Test(access_rule, host_bits_are_refused_with_the_network)
{
	cr_assert_str_eq(refusal("10.0.0.1/8"),
			 "host bits are set; write 10.0.0.0/8 for the network");
	cr_assert_str_eq(refusal("192.168.1.255/25"),
			 "host bits are set; write 192.168.1.128/25 for the network");
	cr_assert_str_eq(refusal("1.2.3.4/0"),
			 "host bits are set; write 0.0.0.0/0 for the network");
	cr_assert_str_eq(refusal("2001:db8::1/32"),
			 "host bits are set; write 2001:db8::/32 for the network");
	cr_assert_str_eq(refusal("::ffff:10.0.0.1/104"),
			 "host bits are set; write 10.0.0.0/8 for the network");
}

Test(access_rule, mapped_addresses_are_ipv4)
{
	struct access_rule rule = parsed("::ffff:10.0.0.0/104");

	cr_assert_eq(rule.family, AF_INET);
	cr_assert_eq(rule.prefix, 8);
	cr_assert_eq(parsed("::ffff:10.0.0.1").family, AF_INET);
	cr_assert(matches("10.0.0.0/8", "::ffff:10.1.2.3"));
	cr_assert(matches("::ffff:10.0.0.0/104", "10.1.2.3"));
	cr_assert_str_eq(refusal("::ffff:0.0.0.0/95"), "a prefix is a number from 96 to 128");
}

Test(access_rule, zones)
{
	struct access_rule rule = parsed("fe80::1%1");
	struct access_rule peer;
	struct address address;

	cr_assert_eq(rule.scope, 1);
	cr_assert(address_parse_ip("fe80::1%1", 0, &address));
	access_rule_of_peer(&peer, &address);
	cr_assert(access_rule_matches(&rule, &peer));
	peer.scope = 2;
	cr_assert_not(access_rule_matches(&rule, &peer));
	rule = parsed("fe80::1");
	cr_assert(access_rule_matches(&rule, &peer));
	rule = parsed("fe80::/10");
	cr_assert(access_rule_matches(&rule, &peer));
	cr_assert_str_eq(refusal("fe80::%1/10"), "a network has no zone");
}

Test(access_rule, what_is_malformed_has_its_reason)
{
	cr_assert_str_eq(refusal("example.org/24"),
			 "a network is ADDRESS/PREFIX, such as 10.0.0.0/8");
	cr_assert_str_eq(refusal("10.0.0/8"), "a network is ADDRESS/PREFIX, such as 10.0.0.0/8");
	cr_assert_str_eq(refusal("/8"), "a network is ADDRESS/PREFIX, such as 10.0.0.0/8");
	cr_assert_str_eq(refusal("10"), "a number alone is no address");
	cr_assert_str_eq(refusal("[::1]"), "an address has no brackets here");
	cr_assert_str_eq(refusal("@more"), "a file of rules names no other file");
	cr_assert(strlen(refusal("")) > 0);
	cr_assert(strlen(refusal("10.0.0")) > 0);
	cr_assert(strlen(refusal("two words")) > 0);
}

Test(access_rule, vsock)
{
	struct access_rule rule;
	struct access_rule peer = { .kind = ACCESS_VSOCK, .cid = 3 };

	if (!address_has_vsock()) {
		cr_assert_str_eq(refusal("vsock"), "this system has no vsock");
		return;
	}
	rule = parsed("vsock");
	cr_assert(access_rule_matches(&rule, &peer));
	rule = parsed("vsock:3");
	cr_assert(access_rule_matches(&rule, &peer));
	rule = parsed("vsock:4");
	cr_assert_not(access_rule_matches(&rule, &peer));
	cr_assert_str_eq(refusal("vsock:"), "a vsock rule is vsock or vsock:CID");
	cr_assert_str_eq(refusal("vsock:x"), "a vsock rule is vsock or vsock:CID");
	cr_assert_str_eq(refusal("vsock:4294967296"), "a vsock rule is vsock or vsock:CID");
}

/* The bit behind the prefix is free, the one before it is not. */
Test(access_rule, matching_is_exact_at_every_prefix)
{
	for (unsigned prefix = 1; prefix <= 128; prefix++) {
		struct access_rule rule = { .kind = ACCESS_NETWORK, .family = AF_INET6 };
		struct access_rule peer = rule;

		rule.prefix = prefix;
		cr_assert(access_rule_matches(&rule, &peer));
		peer.network[(prefix - 1) / 8] = (unsigned char)(0x80 >> ((prefix - 1) % 8));
		cr_assert_not(access_rule_matches(&rule, &peer), "/%u", prefix);
		rule.prefix = prefix - 1;
		cr_assert(access_rule_matches(&rule, &peer), "/%u", prefix - 1);
	}
	cr_assert(matches("10.0.0.0/8", "10.255.255.255"));
	cr_assert_not(matches("10.0.0.0/8", "11.0.0.0"));
	cr_assert(matches("127.0.0.1", "127.0.0.1"));
	cr_assert_not(matches("127.0.0.1", "127.0.0.2"));
	cr_assert(matches("2001:db8::/33", "2001:db8:7fff::1"));
	cr_assert_not(matches("2001:db8::/33", "2001:db8:8000::1"));
}

Test(access_rule, a_family_never_matches_the_other)
{
	cr_assert(matches("0.0.0.0/0", "192.0.2.1"));
	cr_assert(matches("::/0", "2001:db8::1"));
	cr_assert_not(matches("0.0.0.0/0", "2001:db8::1"));
	cr_assert_not(matches("::/0", "192.0.2.1"));
	cr_assert_not(matches("::/0", "::ffff:192.0.2.1"));
	cr_assert_not(matches("unix", "127.0.0.1"));
}

Test(access_rule, a_list_is_bounded)
{
	struct access_rules rules = { 0 };
	struct access_rule rule = parsed("unix");
	struct failure why = { 0 };

	for (size_t i = 0; i < ACCESS_RULES_MAX; i++)
		cr_assert(access_rules_add(&rules, &rule, "unix", 4, &why));
	cr_assert_not(access_rules_add(&rules, &rule, "unix", 4, &why));
	cr_assert_eq(rules.count, ACCESS_RULES_MAX);
	cr_assert_str_eq(why.text, "more than 100000 rules");
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(rules.items[7].text, "unix");
	access_rules_free(&rules);
	cr_assert_eq(rules.count, 0);
}
