/* SPDX-License-Identifier: MIT */
/* fuzz_access.c - files of access rules: what is accepted is in bounds, means the same when read
 * again, and matches what it names. */
#include "fuzz.h"

#include <sockutil/net/access_rule.h>

static void check_network(const struct access_rule *rule)
{
	const unsigned bits = rule->family == AF_INET ? 32 : 128;
	struct access_rule peer = *rule;

	fuzz_check(rule->family == AF_INET || rule->family == AF_INET6);
	fuzz_check(rule->prefix <= bits);
	for (unsigned bit = rule->prefix; bit < 128; bit++)
		fuzz_check(!(rule->network[bit / 8] & (0x80 >> bit % 8)));
	fuzz_check(access_rule_matches(rule, &peer));
	/* The last bit that counts tells in from out, and the first that does not, nothing. */
	if (rule->prefix < bits) {
		peer.network[rule->prefix / 8] |= (unsigned char)(0x80 >> rule->prefix % 8);
		fuzz_check(access_rule_matches(rule, &peer));
	}
	if (rule->prefix > 0) {
		peer.network[(rule->prefix - 1) / 8] ^=
			(unsigned char)(0x80 >> (rule->prefix - 1) % 8);
		fuzz_check(!access_rule_matches(rule, &peer));
	}
}

static void check_rule(const struct access_rule *rule, unsigned line_before)
{
	struct access_rule again;
	struct failure why = { 0 };

	fuzz_check(rule->line > line_before && rule->text && *rule->text);
	fuzz_check(!strpbrk(rule->text, "\n#"));
	fuzz_check(access_rule_parse(&again, rule->text, &why));
	fuzz_check(again.kind == rule->kind && again.family == rule->family);
	fuzz_check(again.prefix == rule->prefix && again.scope == rule->scope);
	fuzz_check(again.cid == rule->cid && again.any_cid == rule->any_cid);
	fuzz_check(!memcmp(again.network, rule->network, sizeof(again.network)));
	if (rule->kind == ACCESS_NETWORK)
		check_network(rule);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct access_rules rules = { 0 };
	struct failure why = { 0 };
	/* Without a NUL behind it: a line ends where the file does. */
	char *bytes = malloc(size ? size : 1);

	fuzz_check(bytes != NULL);
	if (size)
		memcpy(bytes, data, size);
	if (!access_file_parse(&rules, "acl", bytes, size, &why))
		fuzz_check(why.class == FAILURE_USAGE && !strncmp(why.text, "acl:", 4));
	for (size_t i = 0; i < rules.count; i++)
		check_rule(&rules.items[i], i ? rules.items[i - 1].line : 0);
	access_rules_free(&rules);
	free(bytes);
	return 0;
}
