/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_PRIVATE_ADDRESS_H
#define SOCKUTIL_NET_PRIVATE_ADDRESS_H
/*
 * Which addresses a server that connects on behalf of others keeps them away from: all that the
 * whole internet cannot reach, by IANA's registries of special-purpose addresses (RFC 6890 and what
 * followed it). Of IPv6 only global unicast is public (2000::/3 without its special blocks). Forms
 * that carry an IPv4 address are judged by that one: mapped, NAT64 (64:ff9b::/96), 6to4, ISATAP;
 * Teredo and IPv4-compatible addresses are private altogether.
 */
#include <stdbool.h>

#include <sockutil/net/address.h>

/* True for loopback, private, link-local, shared (CGNAT), unspecified, multicast, broadcast,
 * documentation, benchmark and reserved addresses, and for what is no IP address at all. */
bool private_address(const struct address *address);

/* 127.0.0.0/8, ::1, and the first mapped into IPv6. */
bool private_address_is_loopback(const struct address *address);

/* Same IP address, port and zone aside; an IPv4 address and its mapped form are the same. */
bool private_address_same_host(const struct address *a, const struct address *b);
#endif
