/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_NOTIFY_H
#define SOCKUTIL_SERVE_NOTIFY_H
/* What a service manager is told over NOTIFY_SOCKET (sd_notify(3)); nothing without one. */

/* Takes NOTIFY_SOCKET out of the environment, so that programs we run do not speak for us. */
void notify_open(void);
/* Everything listens. */
void notify_ready(void);
/* SIGHUP: files are read again; notify_ready() follows. */
void notify_reloading(void);
/* No new connections any more. */
void notify_stopping(void);
void notify_close(void);
#endif
