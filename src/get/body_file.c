/* SPDX-License-Identifier: MIT */
/* src/get/body_file.c - files whose bytes are sent. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/get/body_parts.h>

enum { BLOCK = 64 * 1024 };

static bool is_stdin(const char *file)
{
	return strcmp(file, "-") == 0;
}

const char *body_file_name(const char *file)
{
	return is_stdin(file) ? "standard input" : file;
}

/* What is left of a standard input that was read before is not the file's size. */
static bool file_fits(const char *file, const struct stat *status, uint64_t *size, bool *regular,
		      struct failure *why)
{
	*regular = S_ISREG(status->st_mode) && !is_stdin(file);
	*size = *regular ? (uint64_t)status->st_size : 0;
	if (S_ISDIR(status->st_mode))
		fail(why, FAILURE_INPUT, "%s: is a folder", body_file_name(file));
	return !S_ISDIR(status->st_mode);
}

bool body_file_look(const char *file, uint64_t *size, bool *regular, struct failure *why)
{
	struct stat status;
	const int r = is_stdin(file) ? fstat(STDIN_FILENO, &status) : stat(file, &status);

	if (r == 0 && (is_stdin(file) || faccessat(AT_FDCWD, file, R_OK, AT_EACCESS) == 0))
		return file_fits(file, &status, size, regular, why);
	fail_errno(why, FAILURE_INPUT, errno, "%s", body_file_name(file));
	return false;
}

int body_file_open(const char *file, uint64_t *size, bool *regular, struct failure *why)
{
	const int fd = is_stdin(file) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
				      : open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (fd >= 0 && fstat(fd, &status) == 0) {
		if (file_fits(file, &status, size, regular, why))
			return fd;
	} else {
		fail_errno(why, FAILURE_INPUT, errno, "%s", body_file_name(file));
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Up to BLOCK more bytes; 0: the end. */
static ssize_t file_read_some(struct buffer *out, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char *room = buffer_reserve(out, BLOCK);
	ssize_t n;

	if (!room) {
		errno = ENOMEM;
		return -1;
	}
	do {
		/* It may be non-blocking, and a FIFO without a writer yet is not at its end. */
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return -1;
		n = read(fd, room, BLOCK);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n > 0)
		buffer_commit(out, (size_t)n);
	return n;
}

bool body_file_read(struct buffer *out, int fd, const char *file, struct failure *why)
{
	const size_t before = out->length;
	ssize_t n = 1;

	while (n > 0 && out->length - before <= GET_BODY_READ_MAX)
		n = file_read_some(out, fd);
	if (n < 0)
		fail_errno(why, FAILURE_INPUT, errno, "%s", body_file_name(file));
	else if (n > 0)
		fail(why, FAILURE_INPUT,
		     "%s: more than %d MiB; --upload sends it without reading all of it first",
		     body_file_name(file), GET_BODY_READ_MAX >> 20);
	close(fd);
	return n == 0;
}
