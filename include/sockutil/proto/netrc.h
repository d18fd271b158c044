/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_NETRC_H
#define SOCKUTIL_PROTO_NETRC_H
/*
 * The text of a .netrc file: machine, default, login, password; account and macdef are skipped.
 * Read as curl reads it: words may stand on any lines, keywords in any case; a '#' where a word
 * would start is a comment to the end of the line; "a word \"in\" quotes" knows the escapes \n, \r,
 * \t and takes any other byte behind a backslash as it is.
 */
#include <stdbool.h>
#include <stddef.h>

/* With the NUL. Access tokens are long. */
enum { NETRC_WORD_MAX = 4096 };

struct netrc_entry {
	char login[NETRC_WORD_MAX];
	char password[NETRC_WORD_MAX];
	bool has_login, has_password;
};

/*
 * The first entry for host (any case), with that login when login is not NULL; default counts when
 * no machine before it did. False when there is none, when the entry has a word over the limit or
 * with a NUL, and when a quote before the end of the entry has no partner in its line. Words are
 * not judged: quoted ones may hold control characters (\n, \r, \t).
 */
bool netrc_find(struct netrc_entry *out, const char *text, size_t length, const char *host,
		const char *login);
#endif
