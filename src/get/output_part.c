/* SPDX-License-Identifier: MIT */
/* src/get/output_part.c - TARGET.part: what can be continued. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/get/output_parts.h>
#include <sockutil/net/rename_new.h>

enum {
	ATTEMPTS = 10, /* to get hold of a name that others change */
	OPEN_EXISTING = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
};

static char *part_name(const char *of)
{
	const size_t size = strlen(of) + sizeof(".part");
	char *name = memory_zeroed(1, size);

	snprintf(name, size, "%s.part", of);
	return name;
}

static void part_busy(const struct output *o, struct failure *why)
{
	fail(why, FAILURE_OUTPUT, "%s.part: is being written by another transfer", o->path);
}

/* Where a file system has no locks there is none to be had. */
static bool part_lock(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

static bool part_is_ours(const struct stat *status)
{
	return S_ISREG(status->st_mode) && status->st_uid == geteuid();
}

/* The name still leads to the file that is open. */
static bool part_is_named(const struct output *o, const char *name, const struct stat *status)
{
	struct stat now;

	return fstatat(o->folder->fd, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	       now.st_dev == status->st_dev && now.st_ino == status->st_ino;
}

/* --- taking it -------------------------------------------------------------------------------- */

enum taking { TAKING_DONE, TAKING_NONE, TAKING_BUSY, TAKING_CHANGED };

/* Opens and locks what is there. NONE: nothing, or nothing that may be written to. CHANGED: it got
 * another name, or another got its name, before it was locked. */
static enum taking part_take(const struct output *o, const char *name, int *fd, struct stat *status)
{
	enum taking result = TAKING_DONE;

	*fd = openat(o->folder->fd, name, OPEN_EXISTING);
	if (*fd < 0)
		return TAKING_NONE;
	if (fstat(*fd, status) != 0 || !part_is_ours(status))
		result = TAKING_NONE;
	else if (!part_lock(*fd))
		result = TAKING_BUSY;
	else if (!part_is_named(o, name, status) || fstat(*fd, status) != 0)
		result = TAKING_CHANGED;
	if (result == TAKING_DONE)
		return result;
	close(*fd);
	*fd = -1;
	return result;
}

static void part_hold(struct output *o, int fd, char *name)
{
	o->fd = fd;
	o->temporary = name;
	o->is_part = true;
}

/* What is in it counts if the file beside it says of what it is a part. */
static void part_read(struct output *o, uint64_t size)
{
	struct validator v;
	uint64_t held;

	o->label = output_label_read(o, &v, &held);
	if (!o->label)
		return;
	if (held < size)
		size = held;
	if (size == 0 || size > v.total)
		return;
	o->part_size = size;
	o->validator = memory_string(o->label);
	o->foreign = o->adopted = !output_validator_identifies(&v);
	o->foreign_size = o->foreign ? size : 0;
}

bool output_part_find(struct output *o, struct failure *why)
{
	char *name = part_name(o->base);
	enum taking taking = TAKING_CHANGED;
	struct stat status;
	int fd;

	for (int i = 0; i < ATTEMPTS && taking == TAKING_CHANGED; i++)
		taking = part_take(o, name, &fd, &status);
	if (taking == TAKING_DONE) {
		part_hold(o, fd, name);
		part_read(o, (uint64_t)status.st_size);
		return true;
	}
	if (taking == TAKING_NONE && o->target_exists && part_is_ours(&o->target) &&
	    o->target.st_size > 0 &&
	    fstatat(o->folder->fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
		o->foreign = true;
		o->part_size = o->foreign_size = (uint64_t)o->target.st_size;
	}
	free(name);
	if (taking == TAKING_NONE)
		return true;
	part_busy(o, why);
	return false;
}

/* --- making it -------------------------------------------------------------------------------- */

/* A new one, in place of what could not be taken. Between its making and its locking another one
 * may have come: that one has it then. */
static enum taking part_make(const struct output *o, const char *name, mode_t mode, int *fd)
{
	struct stat status;

	if (unlinkat(o->folder->fd, name, 0) != 0 && errno != ENOENT)
		return TAKING_NONE;
	*fd = openat(o->folder->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (*fd < 0)
		return errno == EEXIST ? TAKING_CHANGED : TAKING_NONE;
	if (part_lock(*fd) && fstat(*fd, &status) == 0 && part_is_named(o, name, &status))
		return TAKING_DONE;
	close(*fd);
	return TAKING_CHANGED;
}

bool output_part_create(struct output *o, mode_t mode, struct failure *why)
{
	char *name = part_name(o->base);
	enum taking taking = TAKING_CHANGED;
	struct stat status;
	int fd = -1, error = 0;

	for (int i = 0; i < ATTEMPTS && taking == TAKING_CHANGED; i++) {
		taking = part_take(o, name, &fd, &status);
		if (taking != TAKING_NONE)
			continue;
		taking = part_make(o, name, mode, &fd);
		error = errno;
	}
	if (taking == TAKING_DONE) {
		part_hold(o, fd, name);
		return true;
	}
	free(name);
	if (taking == TAKING_NONE)
		fail_errno(why, FAILURE_OUTPUT, error, "%s.part", o->path);
	else
		part_busy(o, why);
	return false;
}

/* --- a file from elsewhere -------------------------------------------------------------------- */

/* Still what was found, and nobody else is at it. */
static bool adopt_is_free(const struct output *o, int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_dev == o->target.st_dev &&
	       status.st_ino == o->target.st_ino && (uint64_t)status.st_size == o->foreign_size &&
	       part_lock(fd);
}

/* Labelled before it gets that name: at no moment is it a part of nothing. */
static bool adopt_rename(struct output *o, const char *name, struct failure *why)
{
	struct stat status;
	int error = EEXIST;

	if (fstatat(o->folder->fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
		output_label_write(o);
		if (!o->label) {
			fail(why, FAILURE_OUTPUT, "%s.part.validator: cannot be written", o->path);
			return false;
		}
		error = rename_new(o->folder->fd, o->base, name);
		if (error != 0)
			output_label_remove(o);
	}
	if (error != 0)
		fail_errno(why, FAILURE_OUTPUT, error, "%s: continuing it", o->path);
	return error == 0;
}

bool output_part_adopt(struct output *o, struct failure *why)
{
	char *name = part_name(o->base);
	const int fd = openat(o->folder->fd, o->base, OPEN_EXISTING);
	bool done = false;

	if (fd < 0)
		fail_errno(why, FAILURE_OUTPUT, errno, "%s: continuing it", o->path);
	else if (!adopt_is_free(o, fd))
		fail(why, FAILURE_OUTPUT, "%s: has changed while it was to be continued", o->path);
	else
		done = adopt_rename(o, name, why);
	if (done) {
		part_hold(o, fd, name);
		o->adopted = true;
		o->target_exists = false;
		return true;
	}
	free(name);
	if (fd >= 0)
		close(fd);
	return false;
}

bool output_part_put_back(struct output *o, uint64_t size)
{
	bool back = ftruncate(o->fd, (off_t)size) == 0;

	back = rename_new(o->folder->fd, o->temporary, o->base) == 0 && back;
	if (back)
		output_label_remove(o);
	output_file_close(o);
	o->adopted = o->foreign = o->is_part = false;
	o->part_size = 0;
	return back;
}

/* --- keeping ---------------------------------------------------------------------------------- */

/* The random name becomes TARGET.part, unless that is somebody's who is at work. */
static bool part_rename(struct output *o)
{
	char *name = part_name(o->base);
	struct stat status;
	int fd = -1;
	const enum taking taking = part_take(o, name, &fd, &status);
	bool done = taking == TAKING_DONE || taking == TAKING_NONE;

	if (done) {
		/* An old label never stands beside new bytes. */
		output_label_remove(o);
		done = renameat(o->folder->fd, o->temporary, o->folder->fd, name) == 0;
	}
	if (fd >= 0)
		close(fd);
	if (!done) {
		free(name);
		return false;
	}
	free(o->temporary);
	o->temporary = name;
	o->is_part = true;
	return true;
}

/* A duplicate's close tells what the last one would, while the file can still be given up. */
static bool part_is_stored(const struct output *o)
{
	const int copy = fcntl(o->fd, F_DUPFD_CLOEXEC, 3);

	return copy < 0 || close(copy) == 0 || errno == EINTR;
}

bool output_part_keep(struct output *o)
{
	if (o->scattered && ftruncate(o->fd, (off_t)o->placed) != 0)
		return false;
	if (!part_is_stored(o) || (!o->is_part && !part_rename(o)))
		return false;
	o->state = OUTPUT_OVER;
	output_label_write(o);
	if (!o->label)
		return false;
	output_file_close(o);
	return true;
}
