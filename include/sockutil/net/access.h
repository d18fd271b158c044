/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_ACCESS_H
#define SOCKUTIL_NET_ACCESS_H
/*
 * Who may connect: --allow and --deny, each CIDR | ADDRESS | NAME | @FILE (one rule a line, #
 * comments). Deny wins; when any allow rule was given (be it a file that is empty now), what none
 * allows is refused. Names are resolved when the rules are loaded. Unix and vsock peers match
 * "unix" and "vsock" (vsock:CID). IPv4-mapped IPv6 peers are IPv4. Host bits behind a prefix are an
 * error that names the network. Loading anew is whole or not at all: a bad file leaves the old
 * rules in force.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>

struct access_list;

/* allow, deny: NULL-terminated arrays of rules as the user wrote them, borrowed for the life of the
 * list (files are read again from them); either may be NULL. NULL with FAILURE_USAGE (a bad rule:
 * file, line, text), FAILURE_NAME (one not resolved) or FAILURE_INPUT (a file that cannot be read,
 * is not a regular one or is above 1 MiB). */
struct access_list *access_new(const char *const *allow, const char *const *deny,
			       struct failure *why);
/* Reads everything again; on failure the list is as it was. */
bool access_reload(struct access_list *list, struct failure *why);
/* O(number of rules); rule, when not NULL, gets the text of the one that decided ("" when the
 * absence of one did), valid until the next reload. */
bool access_permits(const struct access_list *list, const struct address *peer, const char **rule);
void access_free(struct access_list *list);
#endif
