/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_CHAT_H
#define SOCKUTIL_MODES_CHAT_H
/* From the options of `sockutil chat` to a chat: what its files share. */
#include <ev.h>

#include <sockutil/chat/nick.h>
#include <sockutil/modes/chat_options.h>
#include <sockutil/modes/common_proxy.h>
#include <sockutil/serve/server.h>

struct chat_run {
	const struct chat_args *args;
	struct endpoint *endpoints; /* of a client: one */
	struct endpoint metrics;
	struct stream_options stream;
	struct common_proxy_chain proxies;
	struct server_options server; /* of a host */
	char nick[CHAT_NICK_MAX], room[CHAT_NICK_MAX];
};

/* Each runs to its end and says what failed; returns the exit status. *signal: what ended it, 0
 * when none did. */
int chat_join(struct chat_run *run, int *signal);
int chat_host(struct chat_run *run, int *signal);
int chat_simple_join(struct chat_run *run, int *signal);
int chat_simple_host(struct chat_run *run, int *signal);

/* Watches SIGINT, SIGTERM and SIGHUP, as far as they were not ignored at the start. */
enum { CHAT_SIGNALS = 3 };
struct chat_signals {
	struct ev_loop *loop;
	struct ev_signal watchers[CHAT_SIGNALS];
	void (*came)(void *data, int signal);
	void *data;
};
void chat_signals_watch(struct chat_signals *signals, struct ev_loop *loop,
			void (*came)(void *data, int signal), void *data);
void chat_signals_unwatch(struct chat_signals *signals);
#endif
