/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_NO_PROXY_H
#define SOCKUTIL_PROTO_NO_PROXY_H
/* Which hosts are reached without a proxy: the list of --noproxy and NO_PROXY. */
#include <stdbool.h>

/*
 * Entries with commas or blanks between them: "*" (every host); "example.org", ".example.org",
 * "*.example.org" (the name and all names under it); "192.0.2.7", "[2001:db8::1]" (an address);
 * "192.0.2.0/24", "2001:db8::/32" (CIDR); each with ":PORT" behind it for that port alone (IPv6
 * in brackets then). Case and a dot at a name's end mean nothing; an IPv4-mapped IPv6 address is
 * the IPv4 one. What is malformed fits nothing.
 *
 * host: a name, or an address without brackets, its zone left out of account. list NULL: nothing
 * fits.
 */
bool no_proxy_fits(const char *list, const char *host, int port);
#endif
