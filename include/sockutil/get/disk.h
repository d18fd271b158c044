/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_DISK_H
#define SOCKUTIL_GET_DISK_H
/*
 * Files forced to disk. Where fsync(2) takes time it happens in a helper thread, so that the loop
 * goes on, and so that several files share one turn of the disk.
 */
#include <ev.h>
#include <stdint.h>

/* At once: 0 or an errno. A file system that has nothing to force is fine. */
int disk_force(int fd);

struct disk_force;

/* error: 0 or an errno. Once, from the loop. */
typedef void disk_forced(void *data, int error);

/* bytes: how many were written. NULL: it takes no time worth a thread, as far as the files before
 * this one tell; the caller forces it itself. fd is duplicated. */
struct disk_force *disk_force_start(struct ev_loop *loop, int fd, uint64_t bytes, disk_forced *done,
				    void *data);
/* done will not be called. NULL is fine. */
void disk_force_cancel(struct disk_force *force);
#endif
