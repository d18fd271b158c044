/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_PIDFILE_H
#define SOCKUTIL_SERVE_PIDFILE_H
/* --pidfile: the number of our process in a file that is locked (flock(2)) while we run, so that a
 * second server with the same file is told that the first one lives. */
#include <stdbool.h>
#include <sys/stat.h>

#include <sockutil/base/failure.h>

struct pidfile {
	const char *path; /* NULL: none */
	int fd;           /* holds the lock */
	dev_t device;
	ino_t inode;
};

/* FAILURE_OTHER: a server that runs holds it (its number is told); FAILURE_OUTPUT. path is
 * borrowed. */
bool pidfile_open(struct pidfile *file, const char *path, struct failure *why);
/* Removes the file if it still is ours, or empties it where we may not. Nothing without one. */
void pidfile_close(struct pidfile *file);
#endif
