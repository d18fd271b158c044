/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HOST_NAME_H
#define SOCKUTIL_PROTO_HOST_NAME_H
/* What decides whether text can name a host, the same for endpoints and URLs; each has its own
 * words for what it refuses. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOST_NAME_LABEL_MAX = 63 }; /* bytes, RFC 1035, 2.3.4 */

/* Controls, line and paragraph separators, marks, embeddings, overrides and isolates of
 * direction, invisible characters: nothing a name is written with. */
bool host_name_is_control(uint32_t point);

/* As inet_aton(3) takes a part of an address: decimal or octal digits, or hexadecimal ones behind
 * 0x. label is NUL-terminated somewhere behind its length bytes. */
bool host_name_is_numeric(const char *label, size_t length);

/* The zone of an IPv6 address without its %: the name or number of an interface. */
bool host_name_is_zone(const char *zone, size_t length);
#endif
