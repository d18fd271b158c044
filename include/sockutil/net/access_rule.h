/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_ACCESS_RULE_H
#define SOCKUTIL_NET_ACCESS_RULE_H
/* One rule of --allow or --deny, and lists of them. For the files of net/access alone. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>

/* A list of rules is bounded: a file of 1 MiB, and 100000 rules in all. */
enum { ACCESS_FILE_MAX = 1 << 20, ACCESS_RULES_MAX = 100000 };

enum access_kind {
	ACCESS_NETWORK,
	ACCESS_NAME, /* to be resolved: matches nothing */
	ACCESS_UNIX,
	ACCESS_VSOCK,
};

struct access_rule {
	enum access_kind kind;
	int family;                /* NETWORK: AF_INET, AF_INET6 */
	unsigned prefix;           /* NETWORK: leading bits that count, 0-32 or 0-128 */
	unsigned char network[16]; /* NETWORK: in network byte order, the other bits are 0 */
	unsigned scope;            /* NETWORK: of a single link-local address with a zone; 0: any */
	unsigned cid;              /* VSOCK */
	bool any_cid;
	const char *file; /* where it was read from, borrowed; NULL: the command line */
	unsigned line;    /* 1 is the first */
	char *text;       /* as written; owned by the list it is in */
};

/* {0} is empty. */
struct access_rules {
	struct access_rule *items;
	size_t count;
	size_t room;
};

/* Pure. file and line are left 0, text NULL. On failure why->text is the reason alone.
 * FAILURE_USAGE. */
bool access_rule_parse(struct access_rule *out, const char *text, struct failure *why);
/* The network of a single address; IPv4-mapped addresses are IPv4. False for other families. */
bool access_rule_of_address(struct access_rule *out, const struct address *address);
/* peer is a rule made by access_rule_of_peer(). */
bool access_rule_matches(const struct access_rule *rule, const struct access_rule *peer);
/* What a peer is to rules; false for a family no rule knows. */
bool access_rule_of_peer(struct access_rule *out, const struct address *peer);

/* Copies rule and its text (text_length bytes) behind the list. FAILURE_USAGE above
 * ACCESS_RULES_MAX. */
bool access_rules_add(struct access_rules *rules, const struct access_rule *rule, const char *text,
		      size_t text_length, struct failure *why);
void access_rules_free(struct access_rules *rules);

/* Pure. A rule a line; blanks around it, empty lines, CRLF and what follows a '#' do not count.
 * file is for messages and borrowed by the rules. FAILURE_USAGE names file and line. */
bool access_file_parse(struct access_rules *rules, const char *file, const char *bytes,
		       size_t length, struct failure *why);
/* Reads and parses a regular file. FAILURE_INPUT, FAILURE_USAGE. */
bool access_file_read(struct access_rules *rules, const char *file, struct failure *why);
#endif
