/* SPDX-License-Identifier: MIT */
/* --port-file: the ports that were bound, for the script that started us. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/buffer.h>
#include <sockutil/net/listen.h>

static bool add_listener(struct buffer *text, const struct listener *listener)
{
	char name[ADDRESS_TEXT_MAX];
	unsigned port = address_port(&listener->address);

	if (port)
		return buffer_format(text, "%u\n", port);
	return buffer_format(text, "%s\n", address_text(name, &listener->address));
}

static bool write_all(int fd, struct buffer *text)
{
	while (text->length > 0) {
		ssize_t n = write(fd, buffer_bytes(text), text->length);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			buffer_take(text, (size_t)n);
	}
	return true;
}

/* Writes and closes; errno tells. */
static bool write_and_close(int fd, struct buffer *text)
{
	bool written = write_all(fd, text);
	int error = errno;

	if (close(fd) < 0 && written)
		return false;
	errno = error;
	return written;
}

/* A new file beside path, by the umask; temporary gets its name. */
static int open_beside(const char *path, char temporary[static PATH_MAX])
{
	int fd = -1;

	errno = EEXIST;
	for (unsigned i = 0; fd < 0 && errno == EEXIST && i < 100; i++) {
		int length = snprintf(temporary, PATH_MAX, "%s.%ld.%u", path, (long)getpid(), i);

		if (length >= PATH_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	}
	return fd;
}

static bool replace(const char *path, struct buffer *text)
{
	char temporary[PATH_MAX];
	int fd = open_beside(path, temporary);
	int error;

	if (fd < 0)
		return false;
	if (write_and_close(fd, text) && rename(temporary, path) == 0)
		return true;
	error = errno;
	unlink(temporary);
	errno = error;
	return false;
}

/* A pipe, a device or a link (/dev/stdout) is written through: renaming would put a file in its
 * place. */
static bool write_through(const char *path, struct buffer *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	return fd >= 0 && write_and_close(fd, text);
}

bool listen_write_port_file(const char *path, const struct listener *listeners, size_t count,
			    struct failure *why)
{
	struct buffer text = { 0 };
	struct stat file;
	bool written = true;

	for (size_t i = 0; written && i < count; i++)
		written = add_listener(&text, &listeners[i]);
	if (!written)
		errno = ENOMEM;
	else if (lstat(path, &file) == 0 && !S_ISREG(file.st_mode))
		written = write_through(path, &text);
	else
		written = replace(path, &text);
	if (!written)
		fail_errno(why, FAILURE_OUTPUT, errno, "cannot write the port file %s", path);
	buffer_free(&text);
	return written;
}
