/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_CHILD_PARTS_H
#define SOCKUTIL_NET_CHILD_PARTS_H
/* What the files of net/child share; nobody else includes it. */
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>

#include <sockutil/base/failure.h>

/* A close-on-exec pipe. False: errno. */
bool child_pipe(int ends[2]);
/* Those whose action a program may find changed. */
void child_all_signals(sigset_t *set);
/* The child gets no descriptor above 2. 0 or an error number. */
int child_close_others(posix_spawn_file_actions_t *actions);
/* What a program leaves behind becomes ours to reap, where the system can do that: a first process
 * that reaps late, or never as in many containers, would keep dead members in the group. */
void child_adopt(void);

enum { CHILD_TERMINAL_MAX = 128 };
/* Our side of a new pseudo-terminal of 80 columns and 24 lines, non-blocking, and the name of its
 * other side. -1: FAILURE_OTHER. */
int child_terminal(char name[static CHILD_TERMINAL_MAX], struct failure *why);
#endif
