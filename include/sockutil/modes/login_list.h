/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_LOGIN_LIST_H
#define SOCKUTIL_MODES_LOGIN_LIST_H
/* Logins as options give them: USER:PASSWORD, or @FILE with one a line. */
#include <stdbool.h>

#include <sockutil/cli/option.h>
#include <sockutil/serve/login.h>

struct login_source {
	const char *option;              /* "--auth", for messages */
	const struct option_list *given; /* borrowed */
	struct login_list list;
};

/* Reads all that is given into list; empty lines and those that begin with '#' are none. A file
 * without a login is an error: it must not open the door to everybody. FAILURE_USAGE,
 * FAILURE_INPUT; list is as it was then. Again: what it held is replaced. */
bool login_list_read(struct login_source *source, struct failure *why);
/* The same, as a handler's reread option takes it; source: a struct login_source. */
bool login_list_reread(void *source, struct failure *why);
/* Any of it comes from a file. */
bool login_list_has_files(const struct login_source *source);
/* Wipes and frees. */
void login_list_free(struct login_source *source);
#endif
