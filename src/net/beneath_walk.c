/* SPDX-License-Identifier: MIT */
/*
 * A name under a folder, opened segment by segment, none of them through a link. A link that may be
 * followed is put in its place in the name, and the walk begins anew from the folder: so what was
 * checked is what is opened, whoever renames things meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/net/beneath.h>

enum { LINKS_MAX = 40 }; /* as many as Linux follows */

struct walk {
	char name[PATH_MAX]; /* the rest of it is the whole name: links put in */
	int folder;
	bool follow;
};

static int refuse(int error)
{
	errno = error;
	return -1;
}

/* The segment at *at, its slashes skipped; 0: none is left. */
static size_t segment_next(const char **at)
{
	while (**at == '/')
		++*at;
	return strcspn(*at, "/");
}

static bool segment_is(const char *segment, size_t length, const char *text)
{
	return length == strlen(text) && memcmp(segment, text, length) == 0;
}

/* "." and "..", taken out of the text; false: it leads outside. Only where what stands before is
 * no link: the walk has been there. */
static bool name_settle(char *name)
{
	char out[PATH_MAX] = "";
	const char *at = name;
	size_t length = 0, count;

	for (; (count = segment_next(&at)) > 0; at += count) {
		if (segment_is(at, count, "."))
			continue;
		if (segment_is(at, count, "..")) {
			if (length == 0)
				return false;
			while (length > 0 && out[--length] != '/')
				;
			continue;
		}
		if (length > 0)
			out[length++] = '/';
		memcpy(out + length, at, count);
		length += count;
	}
	memcpy(name, out, length);
	name[length] = '\0';
	return true;
}

/* The segment name[start, end) as a string. */
static bool segment_copy(char out[static NAME_MAX + 1], const struct walk *w, size_t start,
			 size_t end)
{
	if (end - start > NAME_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(out, w->name + start, end - start);
	out[end - start] = '\0';
	return true;
}

/* Puts the link at name[start, end) in its place: what a link says is relative to its folder.
 * EINVAL: it is none. */
static bool link_put(struct walk *w, int folder, const char *segment, size_t start, size_t end)
{
	char text[PATH_MAX], joined[PATH_MAX];
	const ssize_t length = readlinkat(folder, segment, text, sizeof(text) - 1);
	int n;

	if (length < 0)
		return false;
	text[length] = '\0';
	if (text[0] == '/') {
		errno = EXDEV;
		return false;
	}
	n = snprintf(joined, sizeof(joined), "%.*s%s%s", (int)start, w->name, text, w->name + end);
	if (n < 0 || (size_t)n >= sizeof(joined)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(w->name, joined, (size_t)n + 1);
	return true;
}

static bool is_link(int folder, const char *segment)
{
	struct stat status;

	return fstatat(folder, segment, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISLNK(status.st_mode);
}

/* One segment; *again: it was a link, and what it says stands in the name now. */
static int step(struct walk *w, int folder, size_t start, size_t end, int flags, bool *again)
{
	char segment[NAME_MAX + 1];
	int fd, error;

	if (!segment_copy(segment, w, start, end))
		return -1;
	fd = openat(folder, segment, flags | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	/* A link is ELOOP, ENOTDIR, EMLINK or EFTYPE, as the system and what was wanted go. */
	error = errno;
	if (!is_link(folder, segment))
		return refuse(error);
	if (!w->follow)
		return refuse(ELOOP);
	*again = link_put(w, folder, segment, start, end);
	return -1;
}

/* From the folder to the end of the name, or to a link. */
static int walk_once(struct walk *w, int flags, bool *again)
{
	int folder = w->folder;
	const char *at = w->name;

	for (;;) {
		const size_t count = segment_next(&at);
		const size_t start = (size_t)(at - w->name);
		const bool final = at[count + strspn(at + count, "/")] == '\0';
		int fd;

		fd = step(w, folder, start, start + count,
			  final ? flags : O_RDONLY | O_DIRECTORY | O_NONBLOCK, again);
		if (folder != w->folder) {
			const int error = errno;

			close(folder);
			errno = error;
		}
		if (fd < 0 || final)
			return fd;
		folder = fd;
		at += count;
	}
}

int beneath_walk(int folder, const char *name, int flags, bool follow)
{
	struct walk w = { .folder = folder, .follow = follow };
	const size_t length = strlen(name);

	if (flags & O_CREAT)
		return refuse(EINVAL);
	if (length == 0)
		return refuse(ENOENT);
	if (length >= sizeof(w.name))
		return refuse(ENAMETOOLONG);
	if (name[0] == '/')
		return refuse(EXDEV);
	memcpy(w.name, name, length + 1);
	for (int links = 0; links <= LINKS_MAX; ++links) {
		bool again = false;
		int fd;

		if (!name_settle(w.name))
			return refuse(EXDEV);
		if (w.name[0] == '\0')
			return openat(folder, ".", flags | O_CLOEXEC);
		fd = walk_once(&w, flags, &again);
		if (fd >= 0 || !again)
			return fd;
	}
	return refuse(ELOOP);
}
