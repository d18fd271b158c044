/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_PUBLIC_SUFFIX_H
#define SOCKUTIL_GET_PUBLIC_SUFFIX_H
/* Domains under which anybody can have a name ("com", "co.uk", "github.io"), as the public suffix
 * list has them. libpsl is loaded on the first use. */

enum public_suffix {
	PUBLIC_SUFFIX_NO,
	PUBLIC_SUFFIX_YES,
	PUBLIC_SUFFIX_UNKNOWN, /* libpsl is not installed, or has no list */
};

/* domain: ASCII (xn-- form), lower case, without a dot at its ends; no IP literal. A label alone is
 * always one. The newest list that libpsl finds is asked: the system's file or its own. */
enum public_suffix public_suffix_of(const char *domain);
#endif
