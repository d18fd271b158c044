/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_PROCESS_H
#define SOCKUTIL_NET_PROCESS_H
/* What every program that lives in a pipeline does first and last. */
#include <stdbool.h>

/* Fds 0-2 closed at start: 0 becomes /dev/null; 1 and 2 become descriptors on which every write
 * fails (opened read-only), so that no socket ever gets the number. SIGPIPE and SIGXFSZ are
 * ignored: writing says EPIPE, EFBIG. */
void process_start(void);

/* True when descriptor 1 was closed at start: writing is FAILURE_OUTPUT. */
bool process_stdout_was_closed(void);

/* Ends by the signal itself, default action restored, so that the shell sees 128+n and ^C stops
 * a script's loop. */
_Noreturn void process_die_by(int signal);

/* Raises the soft descriptor limit to the hard one when need is above it; returns the limit now. */
unsigned long process_descriptor_limit(unsigned long need);
#endif
