/* SPDX-License-Identifier: MIT */
/* src/modes/chat_signals.c - the signals that end a chat in order. */
#include <signal.h>

#include <sockutil/modes/chat.h>

static const int numbers[CHAT_SIGNALS] = { SIGINT, SIGTERM, SIGHUP };

static void signalled(struct ev_loop *loop, struct ev_signal *watcher, int events)
{
	const struct chat_signals *signals = watcher->data;

	(void)loop;
	(void)events;
	signals->came(signals->data, watcher->signum);
}

static bool ignored(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void chat_signals_watch(struct chat_signals *signals, struct ev_loop *loop,
			void (*came)(void *data, int signal), void *data)
{
	signals->loop = loop;
	signals->came = came;
	signals->data = data;
	for (int i = 0; i < CHAT_SIGNALS; i++) {
		ev_signal_init(&signals->watchers[i], signalled, numbers[i]);
		signals->watchers[i].data = signals;
		if (!ignored(numbers[i]))
			ev_signal_start(loop, &signals->watchers[i]);
	}
}

void chat_signals_unwatch(struct chat_signals *signals)
{
	for (int i = 0; i < CHAT_SIGNALS; i++)
		ev_signal_stop(signals->loop, &signals->watchers[i]);
}
