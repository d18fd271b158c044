/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_SESSION_PARTS_H
#define SOCKUTIL_SERVE_SESSION_PARTS_H
/* What the three files of a session share; nobody else includes it. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>

struct session;

/* session.c: closed, said, unlinked; freed when the loop turns. why NULL: in order. */
void session_over(struct session *session, const struct failure *why);
/* The session's one timer, in so many milliseconds. */
void session_arm(struct session *session, int64_t ms);
/* For the idle time of a session whose bytes are counted here; stops the timer when there is none.
 */
void session_run_timer(struct session *session);
/* Milliseconds, with --idle-timeout alone. */
int64_t session_idle_left(const struct session *session);
void session_fail_idle(struct session *session);
/* There is a limit, and its time has come. */
bool session_limit_over(const struct session *session);

/* session_finish.c: goes on with finishing. */
void session_step_finish(struct session *session);
/* The lingering session's time is over. */
void session_expire_linger(struct session *session);
#endif
