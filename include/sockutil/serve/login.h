/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_LOGIN_H
#define SOCKUTIL_SERVE_LOGIN_H
/* Who may come in by user name and password. Comparing takes the same time whatever is right. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/http_basic.h>

/* Both 1 to 255 bytes, NUL-padded to the end. */
struct login {
	char user[HTTP_BASIC_MAX], password[HTTP_BASIC_MAX];
};

/* All that may; the owner may change what it holds between two calls of a loop. */
struct login_list {
	struct login *items;
	size_t count; /* 0: everybody may */
};

/* "USER:PASSWORD": no control characters; the password may have colons. FAILURE_USAGE, which does
 * not show the password. */
bool login_parse(struct login *out, const char *text, size_t length, struct failure *why);
/* Whether it is one of them. */
bool login_valid(const struct login_list *list, const char *user, const char *password);
/* The same of the only field of that name ("Authorization", "Proxy-Authorization"; Basic, RFC
 * 7617); true when everybody may. */
bool login_basic_of(const struct login_list *list, const struct http_head *head, const char *name);
#endif
