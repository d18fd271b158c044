/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_DRAIN_H
#define SOCKUTIL_SERVE_DRAIN_H
/*
 * Signals and the end. The first SIGTERM or SIGINT closes the listeners and lets the sessions
 * finish for --grace; a second one, or the end of that time, cuts them. SIGHUP reads files again
 * (serve/reload.h); without any it ends the server as SIGTERM does.
 */
struct server;
struct server_options;

/* Signals wait from here on until drain_watch: whoever is told that we listen may end us in order
 * at once. Not for the first process of several, which waits for them in its own way. */
void drain_hold(void);
/* Watches the signals, or in a worker (control >= 0) the descriptor over which the first process
 * passes them on. Signals that were ignored when the program started stay ignored. */
void drain_watch(struct server *server, int control);
void drain_unwatch(struct server *server);
/* Of several workers, by the first process: says that --max-time is over and returns the exit
 * status. */
int drain_say_time_is_up(const struct server_options *options);
/* The server ends in order, as by a signal, but of its own accord. */
void drain_begin(struct server *server);
/* As if that signal had come. */
void drain_signal(struct server *server, int signal);
#endif
