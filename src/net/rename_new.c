/* SPDX-License-Identifier: MIT */
/* A name that must not be taken from anyone. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <sockutil/net/rename_new.h>

/* A file system without hard links: the name is claimed by an empty file of ours, and that is
 * replaced. */
static int rename_claimed(int folder, const char *from, const char *to)
{
	const int fd =
		openat(folder, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return errno;
	close(fd);
	if (renameat(folder, from, folder, to) == 0)
		return 0;
	error = errno;
	unlinkat(folder, to, 0);
	return error;
}

int rename_new_linked(int folder, const char *from, const char *to)
{
	if (linkat(folder, from, folder, to, 0) == 0)
		return unlinkat(folder, from, 0) == 0 ? 0 : errno;
	if (errno == EEXIST)
		return EEXIST;
	return rename_claimed(folder, from, to);
}
