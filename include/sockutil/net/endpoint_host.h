/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_ENDPOINT_HOST_H
#define SOCKUTIL_NET_ENDPOINT_HOST_H
/*
 * What the host and the port of an endpoint may look like. One set of rules for every place that
 * takes a host: what these functions accept means the same to getaddrinfo(3), which would read
 * "127.1", "0x7f.1" or "010.0.0.1" as addresses. On failure why->text is the reason alone,
 * without the text that was checked: the caller quotes that.
 */
#include <stdbool.h>

#include <sockutil/base/failure.h>

/* A name (letters, digits, '-', '_', any UTF-8 for IDNs, at most 253 bytes, a trailing dot is
 * fine), a dotted quad, or an IPv6 literal without brackets, with an optional zone.
 * FAILURE_USAGE. */
bool endpoint_host_check(const char *host, struct failure *why);

/* IPv6 in RFC 4291 text, with an optional %zone whose interface need not exist. */
bool endpoint_host_is_v6(const char *host);
/* A full dotted quad. */
bool endpoint_host_is_v4(const char *host);

/* Digits alone: a port, never a host. */
bool endpoint_host_is_number(const char *text);

/* A port in digits (0-65535, *port gets it) or a service name (*port is -1). FAILURE_USAGE. */
bool endpoint_host_check_service(const char *service, int *port, struct failure *why);
#endif
