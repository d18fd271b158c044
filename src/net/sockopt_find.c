/* SPDX-License-Identifier: MIT */
/* A socket option by the name a user wrote. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/nearest.h>
#include <sockutil/net/sockopt_table.h>

/* Longer than any name; what is longer is unknown. */
enum { NAME_MAX_BYTES = 64 };

/* Words for a setting that each IP family has under another name. */
static const struct sockopt_row hops4 = {
	.name = "IP_TTL",
	.level = IPPROTO_IP,
	.constant = IP_TTL,
	.kind = &sockopt_kind_hops,
	.families = SOCKOPT_FOR_IP4,
	.moment = SOCKOPT_BEFORE_BIND,
	.access = SOCKOPT_SET,
};
static const struct sockopt_row hops6 = {
	.name = "IPV6_UNICAST_HOPS",
	.level = IPPROTO_IPV6,
	.constant = IPV6_UNICAST_HOPS,
	.kind = &sockopt_kind_hops,
	.families = SOCKOPT_FOR_IP6,
	.moment = SOCKOPT_BEFORE_BIND,
	.access = SOCKOPT_SET,
};
static const struct sockopt_row dscp4 = {
	.name = "IP_TOS",
	.level = IPPROTO_IP,
	.constant = IP_TOS,
	.kind = &sockopt_kind_dscp,
	.families = SOCKOPT_FOR_IP4,
	.moment = SOCKOPT_BEFORE_BIND,
	.access = SOCKOPT_SET,
};
static const struct sockopt_row dscp6 = {
	.name = "IPV6_TCLASS",
	.level = IPPROTO_IPV6,
	.constant = IPV6_TCLASS,
	.kind = &sockopt_kind_dscp,
	.families = SOCKOPT_FOR_IP6,
	.moment = SOCKOPT_BEFORE_BIND,
	.access = SOCKOPT_SET,
};

static const struct both_families {
	const char *name;
	const struct sockopt_row *rows[2];
} both_families[] = {
	{ "TTL", { &hops4, &hops6 } },
	{ "DSCP", { &dscp4, &dscp6 } },
};
enum { BOTH_FAMILIES = sizeof(both_families) / sizeof(both_families[0]) };

size_t sockopt_rows(const struct sockopt_row *rows[static SOCKOPT_ROWS_MAX])
{
	size_t count = 0;

	for (const struct sockopt_row *r = sockopt_table_common; r->name; r++)
		rows[count++] = r;
	for (const struct sockopt_row *r = sockopt_table_system; r->name; r++)
		rows[count++] = r;
	return count;
}

const char *sockopt_name_bare(const char *name)
{
	static const char *const prefixes[] = { "SO_", "TCP_", "IP_", "IPV6_" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t length = strlen(prefixes[i]);

		if (strncmp(name, prefixes[i], length) == 0)
			return name + length;
	}
	return name;
}

/* Upper case, '-' as '_'. */
static bool canonical(char out[static NAME_MAX_BYTES], const char *typed)
{
	size_t length = strlen(typed);

	if (length == 0 || length >= NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i <= length; i++) {
		char c = typed[i] == '-' ? '_' : typed[i];

		out[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
	}
	return true;
}

/* How many of the rows go by this name; the first two of them. A whole name is only one's. */
static size_t match(const char *name, const struct sockopt_row *found[static 2])
{
	const struct sockopt_row *rows[SOCKOPT_ROWS_MAX];
	size_t count = sockopt_rows(rows);
	size_t matches = 0;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i]->name, name) == 0) {
			found[0] = rows[i];
			return 1;
		}
		if (strcmp(sockopt_name_bare(rows[i]->name), name) != 0)
			continue;
		if (matches < 2)
			found[matches] = rows[i];
		matches++;
	}
	return matches;
}

static const char *elsewhere(const char *name)
{
	for (const char *const *other = sockopt_table_elsewhere; *other; other++)
		if (strcmp(*other, name) == 0 || strcmp(sockopt_name_bare(*other), name) == 0)
			return *other;
	return NULL;
}

/* The row whose name, whole or bare, is nearest. */
static const char *nearest(const char *name)
{
	const struct sockopt_row *rows[SOCKOPT_ROWS_MAX];
	const char *names[2 * SOCKOPT_ROWS_MAX + BOTH_FAMILIES];
	size_t count = sockopt_rows(rows);
	const char *found;

	for (size_t i = 0; i < count; i++) {
		names[2 * i] = rows[i]->name;
		names[2 * i + 1] = sockopt_name_bare(rows[i]->name);
	}
	for (size_t i = 0; i < BOTH_FAMILIES; i++)
		names[2 * count + i] = both_families[i].name;
	found = nearest_name(name, names, 2 * count + BOTH_FAMILIES);
	for (size_t i = 0; found && i < count; i++)
		if (found == names[2 * i + 1])
			return names[2 * i];
	return found;
}

static bool unknown(const char *typed, const char *name, struct failure *why)
{
	const char *near = nearest(name);

	if (near)
		fail(why, FAILURE_USAGE, "unknown socket option %s; did you mean %s?", typed, near);
	else
		fail(why, FAILURE_USAGE,
		     "unknown socket option %s; names are those of socket(7), tcp(7), ip(7), "
		     "ipv6(7)",
		     typed);
	return false;
}

bool sockopt_find(const char *typed, const struct sockopt_row *found[static 2], struct failure *why)
{
	char name[NAME_MAX_BYTES];
	size_t matches;

	found[0] = found[1] = NULL;
	if (!canonical(name, typed))
		return unknown(typed, "", why);
	for (size_t i = 0; i < BOTH_FAMILIES; i++)
		if (strcmp(both_families[i].name, name) == 0) {
			found[0] = both_families[i].rows[0];
			found[1] = both_families[i].rows[1];
			return true;
		}
	matches = match(name, found);
	if (matches > 1) {
		fail(why, FAILURE_USAGE, "socket option %s is %s or %s: write the whole name",
		     typed, found[0]->name, found[1]->name);
		return false;
	}
	if (matches == 1)
		return true;
	if (elsewhere(name)) {
		fail(why, FAILURE_USAGE, "socket option %s is not known on this system",
		     elsewhere(name));
		return false;
	}
	return unknown(typed, name, why);
}
