/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_SOCKOPT_H
#define SOCKUTIL_NET_SOCKOPT_H
/*
 * The options of socket(7), tcp(7), ip(7), ipv6(7) (and vsock(7), unix(7)) by name, one table: --sockopt NAME=VALUE sets any, the named
 * options (--nodelay ...) are words for rows of it, --show-sockopts prints all as the kernel reports them.
 * Names are the C constants, upper or lower case, with or without SO_/TCP_/IP_/IPV6_: "TCP_NODELAY", "nodelay".
 */
#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>
#include <stdbool.h>
#include <stddef.h>

struct sockopt_setting; /* one parsed NAME=VALUE */

/* A growing list of settings; {0} is empty. */
struct sockopt_list {
	struct sockopt_setting *items;
	size_t count;
};

/* text is NAME=VALUE. VALUE by the row's kind: an integer, on/off/yes/no/1/0, a duration, a name (congestion), an
 * interface, "SECONDS" or "off" (linger). Unknown name: FAILURE_USAGE with the nearest; not known on this system: FAILURE_USAGE that
 * says so; two rows fit a name without prefix: FAILURE_USAGE naming both. */
bool sockopt_add(struct sockopt_list *list, const char *text, struct failure *why);
bool sockopt_add_value(struct sockopt_list *list, const char *name, const char *value,
		       struct failure *why);
void sockopt_list_free(struct sockopt_list *list);

/* When a setting has to be made. A row knows its own. */
enum sockopt_moment {
	SOCKOPT_BEFORE_BIND,    /* a new socket, before bind, connect or listen */
	SOCKOPT_BEFORE_CONNECT, /* client only, after bind */
	SOCKOPT_CONNECTED,      /* a connected or accepted socket */
};

/* Applies the rows of that moment that fit the socket's family and type. A row that does not fit (tcp on a Unix socket)
 * is FAILURE_USAGE; refused by the kernel: EPERM, EADDRNOTAVAIL etc. are FAILURE_LOCAL_ADDRESS, ENOPROTOOPT and EINVAL are FAILURE_USAGE, each naming option and value. */
bool sockopt_apply(const struct sockopt_list *list, int fd, enum sockopt_moment moment,
		   struct failure *why);

/* Every readable option of this socket with its value, one a line, sorted by level then name, for --show-sockopts. */
bool sockopt_show(int fd, struct buffer *out);
#endif
