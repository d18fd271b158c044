/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_GATEWAY_H
#define SOCKUTIL_SERVE_GATEWAY_H
/*
 * A proxy server: HTTP (CONNECT, and absolute-form requests for http URLs) and SOCKS 4, 4a, 5
 * (CONNECT, BIND, UDP ASSOCIATE). With both, the first byte tells which.
 *
 * Private targets (net/private_address.h) and our own listeners are refused unless allow_private:
 * every address is judged at the moment it is dialled, so a name that changes its mind does not get
 * past it. What listens beyond this machine must have logins or rules, or it does not start.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/socks.h>
#include <sockutil/serve/handler.h>
#include <sockutil/stream/open.h>

/* Both 1 to 255 bytes, NUL-padded to the end, so that comparing takes the same time for all. */
struct gateway_login {
	char user[SOCKS_NAME_MAX], password[SOCKS_NAME_MAX];
};

/* "USER:PASSWORD": no control characters; the password may have colons. FAILURE_USAGE, which does
 * not show the password. */
bool gateway_login_parse(struct gateway_login *out, const char *text, size_t length,
			 struct failure *why);

struct server_options; /* serve/server.h */

/* Borrowed, also what it points to. */
struct gateway_options {
	bool http, socks; /* at least one */
	bool allow_private;
	const struct gateway_login *logins;
	size_t login_count; /* 0: everyone may */
	/* How targets are dialled: net, timeout, proxies. With proxies there is no BIND and no UDP
	 * ASSOCIATE: they would go past them. */
	struct stream_options target;
	const struct server_options *server; /* for the check before it listens */
	/* Of gateway_reloading_handler: reads the logins again, into what this struct points to, or
	 * leaves all as it was. */
	bool (*reread)(void *data, struct failure *why);
	void *reread_data;
};

/* Both take struct gateway_options; the second has logins from files. */
extern const struct handler gateway_handler, gateway_reloading_handler;
#endif
