/* SPDX-License-Identifier: MIT */
/* text_input.c - small files whose content is the value of an option. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/modes/text_input.h>

enum { PIECE = 64 * 1024 };

/* A pipe gives its bytes in pieces. */
static bool read_all(struct buffer *out, int fd, const char *option, const char *file,
		     struct failure *why)
{
	size_t before = out->length;

	while (out->length - before <= TEXT_INPUT_MAX) {
		char *room = buffer_reserve(out, PIECE);
		ssize_t n = room ? read(fd, room, PIECE) : -1;

		if (n == 0)
			return true;
		if (n < 0 && room && errno == EINTR)
			continue;
		if (n < 0) {
			fail_errno(why, FAILURE_INPUT, room ? errno : ENOMEM, "%s: %s", option,
				   file);
			return false;
		}
		buffer_commit(out, (size_t)n);
	}
	fail(why, FAILURE_SIZE, "%s: %s is over 1 MiB", option, file);
	return false;
}

static void warn_if_open(int fd, const char *file)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IRGRP | S_IROTH)))
		log_warning("%s can be read by others; chmod 600 %s keeps it private", file, file);
}

static bool input(struct buffer *out, const char *option, const char *file, bool secret,
		  struct failure *why)
{
	bool standard = strcmp(file, "-") == 0, good;
	int fd = standard ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		fail_errno(why, FAILURE_INPUT, errno, "%s: %s", option, file);
		return false;
	}
	if (secret)
		warn_if_open(fd, file);
	good = read_all(out, fd, option, standard ? "standard input" : file, why);
	if (!standard)
		close(fd);
	return good;
}

bool text_input(struct buffer *out, const char *option, const char *file, struct failure *why)
{
	return input(out, option, file, false, why);
}

bool text_input_secret(struct buffer *out, const char *option, const char *file,
		       struct failure *why)
{
	return input(out, option, file, true, why);
}
