/* SPDX-License-Identifier: MIT */
/* Which file a program's name stands for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/net/child.h>

/* 0, or why it cannot be run. */
static int check(const char *path)
{
	struct stat what;

	if (stat(path, &what) != 0)
		return errno;
	if (S_ISDIR(what.st_mode))
		return EISDIR;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

/* folder: length bytes of PATH; empty is the current one. */
static char *joined(const char *folder, size_t length, const char *name)
{
	const size_t size = length + strlen(name) + 3;
	char *path = memory_zeroed(1, size);

	if (length > 0)
		snprintf(path, size, "%.*s/%s", (int)length, folder, name);
	else
		snprintf(path, size, "./%s", name);
	return path;
}

static char *find_in(const char *folders, const char *name, int *error)
{
	*error = ENOENT;
	for (const char *at = folders;; ++at) {
		const size_t length = strcspn(at, ":");
		char *path = joined(at, length, name);
		const int found = check(path);

		if (found == 0)
			return path;
		/* One that is there and may not be run says more than the folders without it. */
		if (found == EACCES)
			*error = found;
		free(path);
		at += length;
		if (*at == '\0')
			return NULL;
	}
}

char *child_find(const char *name, struct failure *why)
{
	const char *folders = getenv("PATH");
	char *path = NULL;
	int error;

	if (strchr(name, '/')) {
		error = check(name);
		if (error == 0)
			return memory_string(name);
	} else if (name[0] != '\0') {
		path = find_in(folders ? folders : "/bin:/usr/bin", name, &error);
		if (path)
			return path;
		if (error == ENOENT) {
			fail(why, FAILURE_USAGE, "cannot run %s: not found in PATH", name);
			return NULL;
		}
	} else {
		error = ENOENT;
	}
	fail_errno(why, FAILURE_USAGE, error, "cannot run %s", name[0] ? name : "\"\"");
	return NULL;
}
