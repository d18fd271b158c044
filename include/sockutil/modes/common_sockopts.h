/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_COMMON_SOCKOPTS_H
#define SOCKUTIL_MODES_COMMON_SOCKOPTS_H
/* The named socket options (--nodelay, --ttl ...) as rows of the socket-option table. */
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/modes/common_options.h>
#include <sockutil/net/sockopt.h>

/* Appends what was given, the named ones first, so that --sockopt has the last word. FAILURE_USAGE:
 * a bad value, or an option this system has not; the list then holds what came before and is still
 * to be freed. */
bool common_sockopts_add(const struct common_options *common, struct sockopt_list *list,
			 struct failure *why);
#endif
