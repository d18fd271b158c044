/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_ROUTE_H
#define SOCKUTIL_GET_ROUTE_H
/* --resolve and --connect-to as the user wrote them. */
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/get/options.h>

/*
 * HOST:PORT:ADDRESS (connect_to false; HOST "*" is any, ADDRESS an IP literal, brackets around an
 * IPv6 one are fine) or HOST:PORT:HOST2:PORT2 (connect_to true; each part may be empty, but not all
 * of them). IPv6 hosts need brackets where a port follows. The strings of *out, in lower case, are
 * its own: route_free(). FAILURE_USAGE names the text and what is wrong with it.
 */
bool route_parse(struct get_route *out, const char *text, bool connect_to, struct failure *why);
void route_free(struct get_route *route); /* a zeroed one is fine */
#endif
