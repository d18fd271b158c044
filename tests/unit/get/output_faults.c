/* SPDX-License-Identifier: MIT */
/* output_faults.c - system calls that fail when a test wants them to. Defined here they are found
 * before the C library's. */
#include "output_faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct output_faults output_faults;

static int failed(int error)
{
	errno = error;
	return -1;
}

/* A pointer to an object is how dlsym(3) gives functions. */
static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

int fsync(int fd)
{
	int (*real)(int);

	output_faults.fsyncs++;
	*(void **)&real = next("fsync");
	return output_faults.fsync ? failed(output_faults.fsync) : real(fd);
}

int linkat(int from_at, const char *from, int to_at, const char *to, int flags)
{
	int (*real)(int, const char *, int, const char *, int);

	*(void **)&real = next("linkat");
	return output_faults.linkat ? failed(output_faults.linkat)
				    : real(from_at, from, to_at, to, flags);
}

/* Not known here: names are given by the calls that fail when a test wants it. */
int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
	(void)from_at;
	(void)from;
	(void)to_at;
	(void)to;
	(void)flags;
	return failed(ENOSYS);
}

int renameat(int from_at, const char *from, int to_at, const char *to)
{
	int (*real)(int, const char *, int, const char *);

	if (output_faults.renameat_after && output_faults.renames >= output_faults.renameat_after)
		return failed(EIO);
	output_faults.renames++;
	*(void **)&real = next("renameat");
	return output_faults.renameat ? failed(output_faults.renameat)
				      : real(from_at, from, to_at, to);
}

int unlinkat(int at, const char *name, int flags)
{
	int (*real)(int, const char *, int);

	*(void **)&real = next("unlinkat");
	return output_faults.unlinkat ? failed(output_faults.unlinkat) : real(at, name, flags);
}

int flock(int fd, int operation)
{
	int (*real)(int, int);

	*(void **)&real = next("flock");
	return output_faults.flock ? failed(output_faults.flock) : real(fd, operation);
}

int close(int fd)
{
	int (*real)(int);
	int error = output_faults.close;

	*(void **)&real = next("close");
	output_faults.close = 0;
	if (!error)
		return real(fd);
	real(fd);
	return failed(error);
}
