/* SPDX-License-Identifier: MIT */
/* src/get/output_look.c - what is there at the name of a target. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/get/output_parts.h>

enum { LINKS_MAX = 40 }; /* as Linux: path_resolution(7) */

static bool look_failed(const struct output *o, struct failure *why)
{
	fail_errno(why, FAILURE_OUTPUT, errno, "%s", o->path);
	return false;
}

static bool look_is_named(const struct output *o)
{
	return o->options.naming == OUTPUT_FILE;
}

/* Also sets base. */
static bool look_in_folder(struct output *o, struct failure *why)
{
	const char *slash = strrchr(o->path, '/');
	const size_t length = slash ? (size_t)(slash - o->path) + 1 : 0;

	output_folder_release(o->folder);
	o->base = o->path + length;
	o->folder = output_folder_get(o->path, length);
	if (o->folder || (errno == ENOENT && o->options.create_dirs))
		return true;
	if (errno == ENOENT)
		fail(why, FAILURE_OUTPUT, "%s: there is no folder %.*s; --create-dirs makes it",
		     o->path, (int)length, o->path);
	else
		fail_errno(why, FAILURE_OUTPUT, errno, "%s: the folder", o->path);
	return false;
}

/* lstat(2) of the target. *there is false when there is nothing. */
static bool look_at(struct output *o, struct stat *status, bool *there, struct failure *why)
{
	*there = false;
	if (!o->folder)
		return true;
	*there = fstatat(o->folder->fd, o->base, status, AT_SYMLINK_NOFOLLOW) == 0;
	return *there || errno == ENOENT || look_failed(o, why);
}

/* The path of what a link names: as it stands, or beside the link. */
static bool look_read_link(struct output *o, struct failure *why)
{
	char text[PATH_MAX];
	const size_t before = (size_t)(o->base - o->path);
	const ssize_t length = readlinkat(o->folder->fd, o->base, text, sizeof(text));
	struct buffer path = { 0 };
	char *copy;

	if (length < 0)
		return look_failed(o, why);
	if ((length > 0 && *text != '/' && !buffer_add(&path, o->path, before)) ||
	    !buffer_add(&path, text, (size_t)length) || !(copy = buffer_text(&path))) {
		buffer_free(&path);
		errno = ENOMEM;
		return look_failed(o, why);
	}
	free(o->path);
	o->path = memory_string(copy);
	buffer_free(&path);
	return look_in_folder(o, why);
}

/*
 * -o on a link: path becomes that of what it names. The kernel is asked first whether the link may
 * be followed at all (links that others put into a shared folder may not), and what is found in the
 * end has to be what it found.
 */
static bool look_follow(struct output *o, struct stat *status, bool *there, struct failure *why)
{
	struct stat named;
	const bool exists = fstatat(o->folder->fd, o->base, &named, 0) == 0;

	if (!exists && errno != ENOENT)
		return look_failed(o, why);
	/* A link to a device is opened, not replaced, whatever it is made of. */
	*status = named;
	*there = exists;
	if (exists && !S_ISREG(named.st_mode))
		return true;
	for (int i = 0; i < LINKS_MAX; i++) {
		if (!look_read_link(o, why) || !look_at(o, status, there, why))
			return false;
		if (*there && S_ISLNK(status->st_mode))
			continue;
		if (*there == exists &&
		    (!exists || (status->st_dev == named.st_dev && status->st_ino == named.st_ino)))
			return true;
		fail(why, FAILURE_OUTPUT, "%s: was exchanged while it was looked at", o->path);
		return false;
	}
	errno = ELOOP;
	return look_failed(o, why);
}

static bool look_fits(struct output *o, const struct stat *status, struct failure *why)
{
	if (S_ISDIR(status->st_mode)) {
		fail(why, FAILURE_OUTPUT, "%s: is a folder%s", o->path,
		     look_is_named(o) ? "; -P puts files into it, -O under the URL's name" : "");
		return false;
	}
	if (S_ISREG(status->st_mode) || S_ISLNK(status->st_mode))
		return true;
	if (look_is_named(o) && !S_ISSOCK(status->st_mode)) {
		o->kind = OUTPUT_TO_SPECIAL;
		return true;
	}
	fail(why, FAILURE_OUTPUT, "%s: is no regular file%s", o->path,
	     S_ISSOCK(status->st_mode) ? " but a socket" : "; -o writes to it as it is");
	return false;
}

/* What must not be touched has a number put behind it, or is refused. */
static bool look_leave_alone(struct output *o, struct failure *why)
{
	if (o->options.no_clobber)
		return output_name_number(o, why);
	fail(why, FAILURE_OUTPUT,
	     "%s: exists, and -J never overwrites; --no-clobber numbers it, -o names another",
	     o->path);
	return false;
}

bool output_look(struct output *o, struct failure *why)
{
	const bool kept = o->options.no_clobber || o->options.naming == OUTPUT_DISPOSITION;
	struct stat status;
	bool there;

	o->target_exists = false;
	if (!look_in_folder(o, why) || !look_at(o, &status, &there, why))
		return false;
	if (there && S_ISLNK(status.st_mode) && look_is_named(o)) {
		const bool link_kept = kept && fstatat(o->folder->fd, o->base, &status, 0) != 0;

		if (link_kept)
			return look_leave_alone(o, why);
		if (!kept && !look_follow(o, &status, &there, why))
			return false;
	}
	if (!there)
		return true;
	if (!look_fits(o, &status, why))
		return false;
	if (o->kind == OUTPUT_TO_FILE && kept)
		return look_leave_alone(o, why);
	o->target_exists = S_ISREG(status.st_mode);
	o->target = status;
	return true;
}
