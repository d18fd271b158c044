/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CONNECT_PORT_LIST_H
#define SOCKUTIL_CONNECT_PORT_LIST_H
/* Ports as --scan takes them: "22", "1-1024", "22,80,8000-8010", a service's name; each once, in
 * rising order. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>

enum { PORT_LIST_MAX = 65535 };

struct port_list {
	uint64_t bits[(PORT_LIST_MAX + 64) / 64];
	unsigned count;
};

/* FAILURE_USAGE names the part that is wrong. */
bool port_list_parse(struct port_list *out, const char *text, struct failure *why);
/* The lowest port above after (0 for the first); 0 when there is none. */
unsigned port_list_next(const struct port_list *list, unsigned after);
#endif
