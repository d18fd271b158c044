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
#include <sockutil/serve/handler.h>
#include <sockutil/serve/login.h>
#include <sockutil/stream/open.h>

struct server_options; /* serve/server.h */

/* Borrowed, also what it points to. */
struct gateway_options {
	bool http, socks; /* at least one */
	bool allow_private;
	const struct login_list *logins;
	/* How targets are dialled: net, timeout, proxies. With proxies there is no BIND and no UDP
	 * ASSOCIATE: they would go past them. */
	struct stream_options target;
	const struct server_options *server; /* for the check before it listens */
	/* SIGHUP: reads the logins again, or leaves all as it was. */
	bool (*reread)(void *data, struct failure *why);
	void *reread_data;
};

/* Its prepare takes a struct gateway_options. */
extern const struct handler gateway_handler;
#endif
