/* SPDX-License-Identifier: MIT */
/* src/get/output_folder.c - the folders files are made in. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/get/output_parts.h>

/* A folder that may be written to and entered, but not listed, can be opened for its names only. */
#if defined(O_PATH)
enum { FOLDER_ACCESS = O_PATH };
#elif defined(O_SEARCH)
enum { FOLDER_ACCESS = O_SEARCH };
#else
enum { FOLDER_ACCESS = O_RDONLY };
#endif

/* One use of it is ours: a thousand files go to the same folder. */
static struct output_folder *last;

static void folder_forget(void)
{
	struct output_folder *folder = last;

	last = NULL;
	output_folder_release(folder);
}

/* Nothing is left open at the end, so that a count of descriptors finds what was forgotten. */
static void folder_remember(struct output_folder *folder)
{
	static bool asked;

	if (!asked)
		asked = atexit(folder_forget) == 0;
	folder_forget();
	folder->users++;
	last = folder;
}

static char *folder_path(const char *path, size_t length)
{
	char *copy = memory_zeroed(1, length + 1);

	memcpy(copy, path, length);
	return copy;
}

struct output_folder *output_folder_get(const char *path, size_t length)
{
	struct output_folder *folder = last;
	char *copy;
	int fd = AT_FDCWD;

	if (folder && strlen(folder->path) == length && memcmp(folder->path, path, length) == 0) {
		folder->users++;
		return folder;
	}
	copy = folder_path(path, length);
	if (length > 0)
		fd = open(copy, FOLDER_ACCESS | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1) {
		const int error = errno;

		free(copy);
		errno = error;
		return NULL;
	}
	folder = memory_zeroed(1, sizeof(*folder));
	*folder = (struct output_folder){ .path = copy, .fd = fd, .users = 1 };
	folder_remember(folder);
	return folder;
}

void output_folder_release(struct output_folder *folder)
{
	if (!folder || --folder->users > 0)
		return;
	if (folder->fd >= 0)
		close(folder->fd);
	free(folder->path);
	free(folder);
}

bool output_folder_make(const char *path, size_t length, struct failure *why)
{
	char *copy = folder_path(path, length);
	bool made = true;

	for (size_t end = 1; made && end <= length; end++) {
		const char behind = copy[end];

		if ((behind && behind != '/') || copy[end - 1] == '/')
			continue;
		copy[end] = '\0';
		/* The last one says it when something else has the name. */
		made = mkdir(copy, 0777) == 0 || errno == EEXIST || errno == EISDIR;
		if (!made)
			fail_errno(why, FAILURE_OUTPUT, errno, "%s: making the folder", copy);
		copy[end] = behind;
	}
	free(copy);
	return made;
}
