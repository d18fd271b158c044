/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_SOCKOPT_H
#define SOCKUTIL_NET_SOCKOPT_H
/*
 * The options of socket(7), tcp(7), ip(7), ipv6(7) (and vsock(7), unix(7)) by name, one table:
 * --sockopt NAME=VALUE sets any, the named options (--nodelay ...) are words for rows of it,
 * --show-sockopts prints all as the kernel reports them. Names are the C constants, upper or lower
 * case, with or without SO_/TCP_/IP_/IPV6_: "TCP_NODELAY", "nodelay".
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>

struct sockopt_setting; /* one parsed NAME=VALUE */

/* A growing list of settings; {0} is empty. */
struct sockopt_list {
	struct sockopt_setting *items;
	size_t count;
};

/*
 * text is NAME=VALUE. VALUE by the row's kind: an integer (decimal, 0x hexadecimal),
 * on/off/yes/no/true/false/1/0, a size (64K), a time (a plain number is in the unit of the manual
 * page: seconds for TCP_KEEPIDLE and SO_RCVTIMEO, milliseconds for TCP_USER_TIMEOUT; or with a
 * unit: 250ms, 5s), a word (IP_MTU_DISCOVER: do, dont, want, probe), a name (congestion), an
 * interface, "SECONDS" or "off" (linger), a group (GROUP[%INTERFACE]). "ttl" and "dscp" (a number
 * 0-63 or a name: ef, af41, cs5, le) are settings for both families: each socket gets what it has.
 * Unknown name: FAILURE_USAGE with the nearest; not known on this system: FAILURE_USAGE that says
 * so; two rows fit a name without prefix: FAILURE_USAGE naming both. A '-' in a name counts as '_'.
 */
bool sockopt_add(struct sockopt_list *list, const char *text, struct failure *why);
bool sockopt_add_value(struct sockopt_list *list, const char *name, const char *value,
		       struct failure *why);
/* Whether the list sets that option ("TCP_NODELAY"), to whatever value. */
bool sockopt_list_sets(const struct sockopt_list *list, const char *name);
void sockopt_list_free(struct sockopt_list *list);

/* When a setting has to be made. A row knows its own. What a TCP listener got before bind, its
 * accepted sockets inherit; accepted Unix and vsock sockets inherit nothing, so there
 * SOCKOPT_CONNECTED makes the settings of SOCKOPT_BEFORE_BIND too. */
enum sockopt_moment {
	SOCKOPT_BEFORE_BIND,    /* a new socket, before bind, connect or listen */
	SOCKOPT_BEFORE_CONNECT, /* client only, after bind */
	SOCKOPT_CONNECTED,      /* a connected or accepted socket */
};

/* Applies the rows of that moment that fit the socket's family and type. A row that does not fit
 * (tcp on a Unix socket) is FAILURE_USAGE; refused by the kernel: EPERM, EADDRNOTAVAIL etc. are
 * FAILURE_LOCAL_ADDRESS, ENOPROTOOPT and EINVAL are FAILURE_USAGE, each naming option and value. */
bool sockopt_apply(const struct sockopt_list *list, int fd, enum sockopt_moment moment,
		   struct failure *why);

/* Whether a server can do with these: FAILURE_USAGE for one of SOCKOPT_BEFORE_CONNECT, which would
 * never be made. */
bool sockopt_fit_listener(const struct sockopt_list *list, struct failure *why);

/* --interface NAME: binds a new socket of that family to a network interface (SO_BINDTODEVICE,
 * IP_BOUND_IF). FAILURE_LOCAL_ADDRESS: no such interface, not permitted; FAILURE_USAGE: not on this
 * system or not for this family. */
bool sockopt_bind_interface(int fd, int family, const char *name, struct failure *why);

/* Every readable option of this socket with its value, one a line, sorted by level then name, for
 * --show-sockopts: "SO_KEEPALIVE = 0". False when fd is not a socket or memory is short. SO_ERROR
 * is left out: reading it would take a pending error away. */
bool sockopt_show(int fd, struct buffer *out);
#endif
