/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_COMMON_SOCKOPTS_H
#define SOCKUTIL_MODES_COMMON_SOCKOPTS_H
/* The named socket options (--nodelay, --ttl ...) as rows of the socket-option table. */
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/modes/common_options.h>
#include <sockutil/net/sockopt.h>

/* Appends what was given, the named ones first, so that --sockopt has the last word. FAILURE_USAGE: a bad value, or an option this system has not; the
 * list then holds what came before and is still to be freed. */
bool common_sockopts_add(const struct common_options *common, struct sockopt_list *list,
			 struct failure *why);

/* "ef", "af11"-"af43", "cs0"-"cs7", "le", "be", or 0-63: the code point of RFC 2474 (names: RFC 2597, 3246, 8622). */
bool common_sockopts_dscp(const char *text, unsigned *out);
#endif
