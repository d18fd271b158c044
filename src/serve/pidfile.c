/* SPDX-License-Identifier: MIT */
/* A file with the number of our process. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <sockutil/serve/pidfile.h>

enum { TRIES = 100 };

/* What stands in it, for the message; "" when nothing readable does. */
static void pidfile_holder(int fd, char *out, size_t size)
{
	const ssize_t n = pread(fd, out, size - 1, 0);

	out[n > 0 ? n : 0] = '\0';
	out[strspn(out, "0123456789")] = '\0';
}

static bool pidfile_lock(const struct pidfile *file, struct failure *why)
{
	char holder[24];

	if (flock(file->fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno != EWOULDBLOCK) {
		fail_errno(why, FAILURE_OUTPUT, errno, "--pidfile %s", file->path);
		return false;
	}
	pidfile_holder(file->fd, holder, sizeof(holder));
	fail(why, FAILURE_OTHER, "--pidfile %s: a server runs with it already%s%s", file->path,
	     *holder ? ", process " : "", holder);
	return false;
}

static bool pidfile_write(struct pidfile *file, struct failure *why)
{
	struct stat status;
	char text[24];
	const int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(file->fd, 0) == 0 &&
	    pwrite(file->fd, text, (size_t)length, 0) == (ssize_t)length &&
	    fstat(file->fd, &status) == 0) {
		file->device = status.st_dev;
		file->inode = status.st_ino;
		return true;
	}
	fail_errno(why, FAILURE_OUTPUT, errno, "--pidfile %s", file->path);
	return false;
}

/* A server that ends may have removed the file between our open and our lock. */
static bool pidfile_is_there(const struct pidfile *file)
{
	struct stat ours, there;

	return fstat(file->fd, &ours) == 0 && lstat(file->path, &there) == 0 &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

static bool pidfile_take(struct pidfile *file, struct failure *why)
{
	const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

	for (int tries = 0; tries < TRIES; ++tries) {
		file->fd = open(file->path, flags, 0644);
		if (file->fd < 0) {
			fail_errno(why, FAILURE_OUTPUT, errno, "--pidfile %s", file->path);
			return false;
		}
		if (!pidfile_lock(file, why))
			return false;
		if (pidfile_is_there(file))
			return pidfile_write(file, why);
		close(file->fd);
		file->fd = -1;
	}
	fail(why, FAILURE_OTHER, "--pidfile %s: somebody keeps removing it", file->path);
	return false;
}

bool pidfile_open(struct pidfile *file, const char *path, struct failure *why)
{
	*file = (struct pidfile){ .path = path, .fd = -1 };
	if (!path || pidfile_take(file, why))
		return true;
	if (file->fd >= 0)
		close(file->fd);
	*file = (struct pidfile){ .fd = -1 };
	return false;
}

/* --user may have taken the right to remove it: then at least nobody is named in it. */
void pidfile_close(struct pidfile *file)
{
	struct stat status;
	bool ours;

	if (!file->path)
		return;
	ours = lstat(file->path, &status) == 0 && status.st_dev == file->device &&
	       status.st_ino == file->inode;
	if (!ours || unlink(file->path) != 0)
		(void)!ftruncate(file->fd, 0);
	close(file->fd);
	*file = (struct pidfile){ .fd = -1 };
}
