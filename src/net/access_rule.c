/* SPDX-License-Identifier: MIT */
/* One rule of --allow or --deny: CIDR, address, name, unix, vsock. */
#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/number.h>
#include <sockutil/net/access_rule.h>
#include <sockutil/net/endpoint_host.h>

/* Longer than any address in text. */
enum { ADDRESS_BYTES = 64 };

static bool refuse(struct failure *why, const char *reason)
{
	fail(why, FAILURE_USAGE, "%s", reason);
	return false;
}

static unsigned bits_of(int family)
{
	return family == AF_INET ? 32 : 128;
}

bool access_rule_of_address(struct access_rule *out, const struct address *address)
{
	*out = (struct access_rule){ .kind = ACCESS_NETWORK, .family = address->any.sa_family };
	if (out->family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr)) {
		out->family = AF_INET;
		memcpy(out->network, &address->v6.sin6_addr.s6_addr[12], 4);
	} else if (out->family == AF_INET6) {
		memcpy(out->network, &address->v6.sin6_addr, 16);
		out->scope = address->v6.sin6_scope_id;
	} else if (out->family == AF_INET) {
		memcpy(out->network, &address->v4.sin_addr, 4);
	} else {
		return false;
	}
	out->prefix = bits_of(out->family);
	return true;
}

bool access_rule_of_peer(struct access_rule *out, const struct address *peer)
{
	unsigned port;

	if (access_rule_of_address(out, peer))
		return true;
	if (peer->any.sa_family == AF_UNIX) {
		out->kind = ACCESS_UNIX;
		return true;
	}
	out->kind = ACCESS_VSOCK;
	return address_is_vsock(peer, &out->cid, &port);
}

/* What is behind the prefix becomes 0; true when it was not. */
static bool clear_host_bits(struct access_rule *rule)
{
	bool any = false;

	for (unsigned i = 0; i < bits_of(rule->family) / 8; i++) {
		unsigned kept = rule->prefix > i * 8 ? rule->prefix - i * 8 : 0;
		unsigned char mask = (unsigned char)(kept >= 8 ? 0xFF : 0xFF00U >> kept);

		any = any || (rule->network[i] & (unsigned char)~mask);
		rule->network[i] &= mask;
	}
	return any;
}

static bool parse_prefix(struct access_rule *rule, const char *text, bool mapped,
			 struct failure *why)
{
	unsigned max = mapped ? 128 : bits_of(rule->family);
	char network[INET6_ADDRSTRLEN];
	uint64_t prefix;

	if (!number_parse(text, max, &prefix) || (mapped && prefix < 96)) {
		fail(why, FAILURE_USAGE, "a prefix is a number from %d to %u", mapped ? 96 : 0,
		     max);
		return false;
	}
	rule->prefix = (unsigned)prefix - (mapped ? 96 : 0);
	if (!clear_host_bits(rule))
		return true;
	inet_ntop(rule->family, rule->network, network, sizeof(network));
	fail(why, FAILURE_USAGE, "host bits are set; write %s/%u for the network", network,
	     rule->prefix);
	return false;
}

static bool parse_vsock(struct access_rule *out, const char *cid, struct failure *why)
{
	uint64_t number;

	out->kind = ACCESS_VSOCK;
	if (!address_has_vsock())
		return refuse(why, "this system has no vsock");
	out->any_cid = *cid == '\0';
	if (out->any_cid)
		return true;
	if (*cid != ':' || !number_parse(cid + 1, UINT_MAX, &number))
		return refuse(why, "a vsock rule is vsock or vsock:CID");
	out->cid = (unsigned)number;
	return true;
}

static bool parse_name(struct access_rule *out, const char *text, struct failure *why)
{
	out->kind = ACCESS_NAME;
	if (endpoint_host_is_number(text))
		return refuse(why, "a number alone is no address");
	if (text[0] == '[')
		return refuse(why, "an address has no brackets here");
	return endpoint_host_check(text, why);
}

bool access_rule_parse(struct access_rule *out, const char *text, struct failure *why)
{
	size_t length = strcspn(text, "/");
	char host[ADDRESS_BYTES];
	struct address address;

	*out = (struct access_rule){ 0 };
	if (strcmp(text, "unix") == 0) {
		out->kind = ACCESS_UNIX;
		return true;
	}
	if (strncmp(text, "vsock", 5) == 0 && (text[5] == '\0' || text[5] == ':'))
		return parse_vsock(out, text + 5, why);
	if (text[0] == '@')
		return refuse(why, "a file of rules names no other file");
	if (length < sizeof(host)) {
		memcpy(host, text, length);
		host[length] = '\0';
	}
	if (length >= sizeof(host) || !address_parse_ip(host, 0, &address)) {
		if (text[length] == '/')
			return refuse(why, "a network is ADDRESS/PREFIX, such as 10.0.0.0/8");
		return parse_name(out, text, why);
	}
	access_rule_of_address(out, &address);
	if (text[length] == '\0')
		return true;
	if (out->scope)
		return refuse(why, "a network has no zone");
	return parse_prefix(out, text + length + 1,
			    address.any.sa_family == AF_INET6 && out->family == AF_INET, why);
}

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned count)
{
	unsigned rest = count % 8;

	if (memcmp(a, b, count / 8) != 0)
		return false;
	return rest == 0 || ((a[count / 8] ^ b[count / 8]) & (0xFF00U >> rest) & 0xFF) == 0;
}

bool access_rule_matches(const struct access_rule *rule, const struct access_rule *peer)
{
	if (rule->kind != peer->kind)
		return false;
	if (rule->kind == ACCESS_VSOCK)
		return rule->any_cid || rule->cid == peer->cid;
	if (rule->kind == ACCESS_NETWORK)
		return rule->family == peer->family &&
		       (rule->scope == 0 || rule->scope == peer->scope) &&
		       same_bits(rule->network, peer->network, rule->prefix);
	return rule->kind == ACCESS_UNIX;
}

bool access_rules_add(struct access_rules *rules, const struct access_rule *rule, const char *text,
		      size_t text_length, struct failure *why)
{
	char *copy;

	if (rules->count == ACCESS_RULES_MAX) {
		fail(why, FAILURE_USAGE, "more than %d rules", ACCESS_RULES_MAX);
		return false;
	}
	if (rules->count == rules->room) {
		size_t room = rules->room ? 2 * rules->room : 8;
		struct access_rule *items = realloc(rules->items, room * sizeof(*items));

		if (!items)
			goto short_of_memory;
		rules->items = items;
		rules->room = room;
	}
	copy = strndup(text, text_length);
	if (!copy)
		goto short_of_memory;
	rules->items[rules->count] = *rule;
	rules->items[rules->count++].text = copy;
	return true;
short_of_memory:
	fail(why, FAILURE_OTHER, "memory is short");
	return false;
}

void access_rules_free(struct access_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		free(rules->items[i].text);
	free(rules->items);
	*rules = (struct access_rules){ 0 };
}
