/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_PROGRAM_H
#define SOCKUTIL_STREAM_PROGRAM_H
/*
 * A program that is somebody's partner: started, joined by a stream, and ended with whoever used
 * it. It lives on by itself after program_leave() until nothing of its process group is left:
 * SIGHUP (and SIGCONT, should it be stopped), after a while SIGKILL.
 */
#include <ev.h>
#include <stdint.h>

#include <sockutil/net/child.h>
#include <sockutil/stream/stream.h>

struct program;

struct program_options {
	struct child_options child;
	int64_t grace_ms; /* between SIGHUP and SIGKILL; 0: at once */
	/* Reaped; not after program_leave(), which may be called inside. status: as of waitpid(2).
	 */
	void (*ended)(void *data, int status);
	/* Nothing of it is left: the last call. May be NULL. */
	void (*gone)(void *data);
	void *data;
};

/* Between these two programs can run in a process. Before the first: child_reaper_begin() is done
 * here. finish waits in the loop until all that were left are gone, at most for their grace or
 * until somebody breaks the loop, then kills what is left; with at_once it kills without waiting.
 */
void programs_begin(struct ev_loop *loop);
void programs_finish(bool at_once);

/* NULL: child_start()'s failure, and neither ended nor gone is called. */
struct program *program_start(const struct program_options *options, struct failure *why);
/* Its standard output and input (stream/layer_program.h); the program's. */
struct stream *program_stream(const struct program *program);
/* What it writes to standard error, with CHILD_ERRORS_PIPE; the program's. */
int program_errors(const struct program *program);
pid_t program_id(const struct program *program);
/* SIGHUP to all its group, stopped or not; the user stays. */
void program_hang_up(const struct program *program);
/* The user's last word; its stream is freed. What of it still runs is ended. */
void program_leave(struct program *program);
#endif
