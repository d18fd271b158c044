/* SPDX-License-Identifier: MIT */
/* Signals, and the end of a server in order. */
#include <signal.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/base/number.h>
#include <sockutil/serve/acceptor.h>
#include <sockutil/serve/drain.h>
#include <sockutil/serve/notify.h>
#include <sockutil/serve/reload.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>

static const int drain_signals[] = { SIGTERM, SIGINT, SIGHUP };
enum { DRAIN_SIGNALS = sizeof(drain_signals) / sizeof(drain_signals[0]) };

static void drain_cut(struct server *server)
{
	server->cut = true;
	ev_break(server->loop, EVBREAK_ALL);
}

void drain_begin(struct server *server)
{
	struct session *next;

	if (server->draining)
		return;
	server->draining = true;
	notify_stopping();
	acceptor_stop(server);
	for (struct session *s = server->sessions; s; s = next) {
		next = s->next;
		session_drain(s);
	}
	if (server->live > 0 && !server->options->hushed)
		log_notice("ending: %llu %s may finish", (unsigned long long)server->live,
			   server->live == 1 ? "connection" : "connections");
	if (server->options->grace_ms > 0)
		ev_timer_again(server->loop, &server->grace);
	else if (server->live > 0)
		drain_cut(server);
	server_settle(server);
}

void drain_signal(struct server *server, int signal)
{
	if (signal == SIGHUP && reload_possible(server->options)) {
		notify_reloading();
		reload_server(server);
		notify_ready();
		return;
	}
	server->signal = signal;
	if (server->draining)
		drain_cut(server);
	else
		drain_begin(server);
}

static void drain_signalled(struct ev_loop *loop, struct ev_signal *watcher, int events)
{
	(void)loop;
	(void)events;
	drain_signal(watcher->data, watcher->signum);
}

static void drain_told(struct ev_loop *loop, struct ev_io *io, int events)
{
	unsigned char signal = 0;

	(void)events;
	if (read(io->fd, &signal, 1) == 1) {
		drain_signal(io->data, signal);
		return;
	}
	/* The first process is gone: nobody looks after us any more. */
	ev_io_stop(loop, io);
	drain_signal(io->data, SIGTERM);
}

static void drain_grace_over(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	drain_cut(timer->data);
}

static void drain_time_failure(const struct server_options *options, struct failure *why)
{
	char limit[32];

	fail(why, FAILURE_TIMEOUT, "time is up after %s (--max-time)",
	     duration_text(limit, sizeof(limit), options->max_ms));
}

int drain_say_time_is_up(const struct server_options *options)
{
	struct failure why;

	drain_time_failure(options, &why);
	return log_failure(&why);
}

static void drain_max_time(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct server *server = timer->data;
	struct failure why;

	(void)loop;
	(void)events;
	if (server->draining)
		return;
	drain_time_failure(server->options, &why);
	log_failure(&why);
	server_blame(server, &why);
	drain_begin(server);
}

static bool drain_ignored(int signal)
{
	struct sigaction action;

	return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void drain_mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (int i = 0; i < DRAIN_SIGNALS; ++i)
		sigaddset(&set, drain_signals[i]);
	sigprocmask(how, &set, NULL);
}

void drain_hold(void)
{
	drain_mask(SIG_BLOCK);
}

void drain_watch(struct server *server, int control)
{
	const double grace = (double)server->options->grace_ms / 1000.0;

	ev_timer_init(&server->grace, drain_grace_over, 0, grace);
	server->grace.data = server;
	ev_timer_init(&server->max_time, drain_max_time, (double)server->options->max_ms / 1000.0,
		      0);
	server->max_time.data = server;
	if (server->options->max_ms > 0 && control < 0)
		ev_timer_start(server->loop, &server->max_time);
	if (control >= 0) {
		ev_io_init(&server->control, drain_told, control, EV_READ);
		server->control.data = server;
		ev_io_start(server->loop, &server->control);
		return;
	}
	for (int i = 0; i < DRAIN_SIGNALS; ++i) {
		if (drain_ignored(drain_signals[i]))
			continue;
		ev_signal_init(&server->signals[i], drain_signalled, drain_signals[i]);
		server->signals[i].data = server;
		ev_signal_start(server->loop, &server->signals[i]);
	}
	drain_mask(SIG_UNBLOCK);
}

void drain_unwatch(struct server *server)
{
	ev_timer_stop(server->loop, &server->grace);
	ev_timer_stop(server->loop, &server->max_time);
	ev_io_stop(server->loop, &server->control);
	for (int i = 0; i < DRAIN_SIGNALS; ++i)
		ev_signal_stop(server->loop, &server->signals[i]);
}
