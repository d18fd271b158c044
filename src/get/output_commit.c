/* SPDX-License-Identifier: MIT */
/* src/get/output_commit.c - the file is whole: it gets its name. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <sockutil/get/disk.h>
#include <sockutil/get/output_parts.h>
#include <sockutil/net/rename_new.h>

enum { GROUP = 070, OTHERS = 07, PERMISSIONS = 0777 };

/* The owner only root can hand on; the group, whoever is in it. */
static bool commit_hand_on(const struct output *o, const struct stat *own)
{
	const struct stat *old = &o->target;

	if (own->st_uid == old->st_uid && own->st_gid == old->st_gid)
		return true;
	return fchown(o->fd, old->st_uid, old->st_gid) == 0 || own->st_gid == old->st_gid ||
	       fchown(o->fd, (uid_t)-1, old->st_gid) == 0;
}

/* As the file that is replaced. What a group could do another group cannot, unless anybody can. No
 * set-user-ID on what came from the network. */
static void commit_inherit(const struct output *o)
{
	mode_t mode = o->target.st_mode & PERMISSIONS;
	struct stat own;

	if (fstat(o->fd, &own) != 0)
		return;
	if (!commit_hand_on(o, &own))
		mode &= ~(mode_t)GROUP | ((mode & OTHERS) << 3);
	/* A file system without permissions keeps its own. */
	(void)!fchmod(o->fd, mode);
}

static void commit_time(const struct output *o, int64_t modified)
{
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = (time_t)modified },
	};

	(void)!futimens(o->fd, times);
}

/* A part has a name that others know. */
static bool commit_is_ours(const struct output *o)
{
	struct stat open, named;

	return !o->is_part ||
	       (fstat(o->fd, &open) == 0 &&
		fstatat(o->folder->fd, o->temporary, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
		open.st_dev == named.st_dev && open.st_ino == named.st_ino);
}

static bool commit_rename(struct output *o, const char *from, struct failure *why)
{
	const int folder = o->folder->fd;
	int error = EEXIST;

	if (!o->options.no_clobber && o->options.naming != OUTPUT_DISPOSITION) {
		if (renameat(folder, from, folder, o->base) == 0)
			return true;
		error = errno;
	}
	while (error == EEXIST) {
		error = rename_new(folder, from, o->base);
		if (error == EEXIST && !o->options.no_clobber)
			break;
		if (error == EEXIST && !output_name_number(o, why))
			return false;
	}
	if (error == 0)
		return true;
	fail_errno(why, FAILURE_OUTPUT, error, "%s: renaming what came to it", o->path);
	return false;
}

/* Closed and renamed. A part stays locked until it is TARGET: closing a duplicate lets go of
 * nothing, and close(2) tells its errors at the first of them. */
static bool commit_finish(struct output *o, struct failure *why)
{
	const int lock = o->is_part ? fcntl(o->fd, F_DUPFD_CLOEXEC, 3) : -1;
	char *from = o->temporary;
	bool done = false;
	int error;

	o->temporary = NULL;
	error = output_file_close(o);
	if (error == 0)
		done = commit_rename(o, from, why);
	else
		fail_errno(why, FAILURE_OUTPUT, error, "%s", o->path);
	/* All of it is in a part that only could not be renamed. */
	if (error != 0 || (!done && !o->is_part))
		unlinkat(o->folder->fd, from, 0);
	if (o->is_part && (error != 0 || done))
		output_label_remove(o);
	if (lock >= 0)
		close(lock);
	free(from);
	return done;
}

bool output_commit_file(struct output *o, int64_t modified, struct failure *why)
{
	int error;

	if (!commit_is_ours(o)) {
		fail(why, FAILURE_OUTPUT, "%s.part: was exchanged while it was written", o->path);
		output_file_close(o);
		return false;
	}
	if (o->target_exists)
		commit_inherit(o);
	if (modified >= 0)
		commit_time(o, modified);
	error = o->forced ? 0 : disk_force(o->fd);
	if (error == 0)
		return commit_finish(o, why);
	fail_errno(why, FAILURE_OUTPUT, error, "%s", o->path);
	output_file_remove(o);
	return false;
}
