/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_IDN_H
#define SOCKUTIL_NET_IDN_H
/* Internationalised domain names as the DNS has them: IDNA 2008 with the mapping of UTS 46,
 * non-transitional ("straße.de" keeps its ß). libidn2 is loaded on the first use. */
#include <stdbool.h>

#include <sockutil/base/failure.h>

/* Room for the ASCII form: 253 characters (RFC 1035, 2.3.4) and the NUL. */
enum { IDN_MAX = 254 };

/* host as endpoint_host_check() accepts it, in UTF-8, into out: ASCII hosts and IP literals as
 * they are. FAILURE_USAGE: libidn2 is missing, the name is no IDN, or it stands for something
 * that is no name ("１２７.1"). Safe from any thread. */
bool idn_to_ascii(char out[static IDN_MAX], const char *host, struct failure *why);
#endif
