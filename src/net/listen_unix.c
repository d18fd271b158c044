/* SPDX-License-Identifier: MIT */
/*
 * Unix-domain listeners: unix:PATH and unix:@NAME.
 *
 * A socket file outlives its server, so bind(2) finds EADDRINUSE both where a server lives and
 * where one died. Which it is, connect(2) tells: ECONNREFUSED is a dead one. Nothing alive is ever
 * taken over:
 *
 * 1. Everything from bind to listen, and the unlinking at the end, happens under a flock(2) on the
 * folder, so two of us that start or end at once never see each other half-way: a socket that is
 * bound and does not listen yet would be refused like a dead one.
 * 2. Other programs take no lock. A dead socket is therefore asked twice, a moment apart, and must
 * be the same file both times.
 * 3. It is not unlinked by name: between the question and unlink(2) somebody may have put a live
 * one there. It is renamed into a new folder of ours (rename(2) takes exactly one file), looked at
 * again, and unlinked only there; any other file is linked back.
 * 4. Then bind(2) makes a new file under the name itself, or fails because another program was
 * faster, which is then refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/net/listen_parts.h>

enum {
	LOCK_WAIT_MS = 2000,
	LOCK_STEP_MS = 5,
	SECOND_LOOK_MS = 25, /* no server needs longer between bind and listen */
	FOLDER_MAX = ADDRESS_UNIX_PATH_MAX + 1,
	ASIDE_MAX = FOLDER_MAX + 32,
};

enum lock { LOCK_HELD, LOCK_NOT_POSSIBLE, LOCK_TAKEN };

static void folder_of(char out[static FOLDER_MAX], const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		snprintf(out, FOLDER_MAX, ".");
	else if (slash == path)
		snprintf(out, FOLDER_MAX, "/");
	else
		snprintf(out, FOLDER_MAX, "%.*s", (int)(slash - path), path);
}

/* *fd is the lock, given back by close(2); -1 when there is none. A folder that may be used but not
 * read cannot be locked. */
static enum lock folder_lock(const char *path, int *fd)
{
	int64_t until = clock_ms() + LOCK_WAIT_MS;
	char folder[FOLDER_MAX];

	folder_of(folder, path);
	*fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return LOCK_NOT_POSSIBLE;
	while (flock(*fd, LOCK_EX | LOCK_NB) < 0) {
		bool taken = errno == EWOULDBLOCK || errno == EINTR;

		if (taken && clock_ms() < until) {
			poll(NULL, 0, LOCK_STEP_MS);
			continue;
		}
		close(*fd);
		*fd = -1;
		return taken ? LOCK_TAKEN : LOCK_NOT_POSSIBLE;
	}
	return LOCK_HELD;
}

static void folder_unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* 0: somebody answers there; otherwise why not. */
static int probe(const struct address *address, int type)
{
	int fd = socket(AF_UNIX, type, 0);
	int error = 0;

	if (fd < 0)
		return errno;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ||
	    connect(fd, &address->any, address->length) < 0)
		error = errno;
	close(fd);
	/* Its queue is full, or it is of another type: somebody is there. */
	return error == EAGAIN || error == EINPROGRESS || error == EPROTOTYPE ? 0 : error;
}

/* ECONNREFUSED twice, from the same file. True also when it has gone meanwhile: *found tells. */
static bool is_dead(const char *path, const struct address *address, int type, struct stat *file,
		    bool *found, struct failure *why)
{
	struct stat again;

	*found = lstat(path, file) == 0;
	for (int look = 0; *found && look < 2; look++) {
		int error;

		if (!S_ISSOCK(file->st_mode)) {
			fail(why, FAILURE_LOCAL_ADDRESS,
			     "unix:%s: exists and is not a socket; choose another path", path);
			return false;
		}
		error = probe(address, type);
		if (error == 0) {
			fail(why, FAILURE_LOCAL_ADDRESS,
			     "unix:%s: a live server holds it; choose another path or end it",
			     path);
			return false;
		}
		if (error != ECONNREFUSED && error != ENOENT) {
			fail_errno(why, FAILURE_LOCAL_ADDRESS, error,
				   "unix:%s: in use, and its server cannot be asked", path);
			return false;
		}
		if (look == 0)
			poll(NULL, 0, SECOND_LOOK_MS);
		*found = lstat(path, &again) == 0;
		if (*found && !listen_same_file(file, &again)) {
			fail(why, FAILURE_LOCAL_ADDRESS,
			     "unix:%s: another server is starting there; choose another path",
			     path);
			return false;
		}
	}
	return true;
}

/* Step 3 above. False: the name holds another file now, or may not be touched. */
static bool remove_dead(const char *path, const struct stat *dead, struct failure *why)
{
	char folder[FOLDER_MAX];
	char aside[ASIDE_MAX];
	char inside[ASIDE_MAX + 2];
	struct stat moved;
	bool removed = false;

	folder_of(folder, path);
	snprintf(aside, sizeof(aside), "%s/.sockutil-XXXXXX", folder);
	if (!mkdtemp(aside)) {
		fail_errno(why, FAILURE_LOCAL_ADDRESS, errno,
			   "unix:%s: a dead socket is there and cannot be replaced", path);
		return false;
	}
	snprintf(inside, sizeof(inside), "%s/s", aside);
	if (rename(path, inside) < 0) {
		fail_errno(why, FAILURE_LOCAL_ADDRESS, errno,
			   "unix:%s: a dead socket is there and cannot be replaced", path);
	} else if (lstat(inside, &moved) == 0 && listen_same_file(dead, &moved)) {
		removed = unlink(inside) == 0;
	} else {
		fail(why, FAILURE_LOCAL_ADDRESS,
		     "unix:%s: another server has started there; choose another path", path);
		if (link(inside, path) == 0 || errno == EEXIST)
			unlink(inside);
	}
	rmdir(aside);
	return removed;
}

/* The umask rather than a later chmod(2): the file never has another mode, not for an instant, and
 * no name is followed twice. */
static int bind_with_mode(int fd, const struct address *address, mode_t mode)
{
	mode_t before = 0;
	int result, error;

	if (mode)
		before = umask(~mode & 0777);
	result = bind(fd, &address->any, address->length);
	error = errno;
	if (mode)
		umask(before);
	errno = error;
	return result;
}

static void bind_refused(const char *path, int error, struct failure *why)
{
	if (error == EADDRINUSE)
		fail(why, FAILURE_LOCAL_ADDRESS,
		     "unix:%s: a live server holds it; choose another path or end it", path);
	else if (error == ENOENT)
		fail(why, FAILURE_LOCAL_ADDRESS, "unix:%s: its folder does not exist", path);
	else
		fail_errno(why, FAILURE_LOCAL_ADDRESS, error, "cannot listen on unix:%s", path);
}

static bool bind_path(int fd, const char *path, const struct address *address,
		      const struct listen_options *options, enum lock lock, struct failure *why)
{
	struct stat file;
	bool found;

	if (bind_with_mode(fd, address, options->socket_mode) == 0)
		return true;
	if (errno != EADDRINUSE) {
		bind_refused(path, errno, why);
		return false;
	}
	if (!is_dead(path, address, options->type, &file, &found, why))
		return false;
	if (found && lock != LOCK_HELD) {
		fail(why, FAILURE_LOCAL_ADDRESS,
		     "unix:%s: a dead socket is there, and its folder cannot be locked to "
		     "replace it; remove it",
		     path);
		return false;
	}
	if (found && !remove_dead(path, &file, why))
		return false;
	if (bind_with_mode(fd, address, options->socket_mode) == 0)
		return true;
	bind_refused(path, errno, why);
	return false;
}

/* Under the lock: the file is bound, listens, and is known by its inode. */
static bool open_path(struct listen_batch *batch, int fd, const char *path,
		      const struct address *address, const struct endpoint *endpoint,
		      const struct listen_options *options, enum lock lock, struct failure *why)
{
	struct listener *listener;
	struct stat file;
	char name[ENDPOINT_TEXT_MAX];

	if (!bind_path(fd, path, address, options, lock, why)) {
		close(fd);
		return false;
	}
	if (lstat(path, &file) < 0) {
		fail_errno(why, FAILURE_LOCAL_ADDRESS, errno, "unix:%s", path);
		close(fd);
		return false;
	}
	if (!listen_start(fd, endpoint_text(name, endpoint), options, why)) {
		unlink(path);
		close(fd);
		return false;
	}
	if (!listen_add(batch, fd, endpoint->scheme, why)) {
		unlink(path);
		return false;
	}
	listener = &batch->items[batch->count - 1];
	listener->unlink_path = memory_string(path);
	listener->device = file.st_dev;
	listener->inode = file.st_ino;
	return true;
}

static bool listen_path(struct listen_batch *batch, int fd, const struct address *address,
			const struct endpoint *endpoint, const struct listen_options *options,
			struct failure *why)
{
	int lock_fd;
	enum lock lock = folder_lock(endpoint->path, &lock_fd);
	bool opened;

	if (lock == LOCK_TAKEN) {
		fail(why, FAILURE_LOCAL_ADDRESS,
		     "unix:%s: another program keeps its folder locked; choose another folder",
		     endpoint->path);
		close(fd);
		return false;
	}
	opened = open_path(batch, fd, endpoint->path, address, endpoint, options, lock, why);
	folder_unlock(lock_fd);
	return opened;
}

static bool listen_abstract(struct listen_batch *batch, int fd, const struct address *address,
			    const struct endpoint *endpoint, const struct listen_options *options,
			    struct failure *why)
{
	char name[ENDPOINT_TEXT_MAX];

	if (bind(fd, &address->any, address->length) < 0)
		bind_refused(endpoint->path, errno, why);
	else if (listen_start(fd, endpoint_text(name, endpoint), options, why))
		return listen_add(batch, fd, endpoint->scheme, why);
	close(fd);
	return false;
}

static bool unix_address(struct address *out, const char *path, struct failure *why)
{
	if (address_unix(out, path))
		return true;
	if (path[0] == '@' && !address_has_abstract())
		fail(why, FAILURE_USAGE, "unix:%s: this system has no abstract names", path);
	else
		fail(why, FAILURE_USAGE, "unix:%s: a path has 1 to %d bytes", path,
		     (int)ADDRESS_UNIX_PATH_MAX);
	return false;
}

bool listen_unix(struct listen_batch *batch, const struct endpoint *endpoint,
		 const struct listen_options *options, struct failure *why)
{
	struct address address;
	int fd;

	if (!unix_address(&address, endpoint->path, why))
		return false;
	fd = listen_socket(AF_UNIX, false, options, why);
	if (fd < 0)
		return false;
	if (endpoint->path[0] == '@')
		return listen_abstract(batch, fd, &address, endpoint, options, why);
	return listen_path(batch, fd, &address, endpoint, options, why);
}

void listen_unix_unlink(const char *path, dev_t device, ino_t inode)
{
	struct stat file;
	int lock;

	/* Without the lock (taken for too long, or not possible) leaving a dead file behind would
	 * be worse. */
	folder_lock(path, &lock);
	if (lstat(path, &file) == 0 && S_ISSOCK(file.st_mode) && file.st_dev == device &&
	    file.st_ino == inode)
		unlink(path);
	folder_unlock(lock);
}
