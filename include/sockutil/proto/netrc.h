/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_NETRC_H
#define SOCKUTIL_PROTO_NETRC_H
/* The text of a .netrc file: machine, default, login, password, macdef skipped, # comments, quoted
 * words as curl reads them. */
#include <stdbool.h>
#include <stddef.h>

enum { NETRC_WORD_MAX = 256 };

struct netrc_entry {
	char login[NETRC_WORD_MAX];
	char password[NETRC_WORD_MAX];
	bool has_login, has_password;
};

/* The first entry for host (any case), with that login when login is not NULL; default counts when
 * no machine before it did. False when there is none. */
bool netrc_find(struct netrc_entry *out, const char *text, size_t length, const char *host,
		const char *login);
#endif
