/* SPDX-License-Identifier: MIT */
/* src/get/output_file.c - the file a body is written to, under its temporary name. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/random.h>
#include <sockutil/base/utf8.h>
#include <sockutil/get/output_parts.h>

enum {
	RANDOM_LENGTH = 8,
	ATTEMPTS = 100,
	/* so that a dot in front and a random tail still make a name of 255 bytes */
	BASE_SHOWN = 200,
};

int output_file_temporary(const struct output *o, mode_t mode, char **name)
{
	char made[BASE_SHOWN + RANDOM_LENGTH + 3], tail[RANDOM_LENGTH + 1];
	const int shown = (int)utf8_cut(o->base, strlen(o->base), BASE_SHOWN);
	int fd;

	for (int i = 0; i < ATTEMPTS; i++) {
		random_text(tail, RANDOM_LENGTH);
		snprintf(made, sizeof(made), ".%.*s.%s", shown, o->base, tail);
		fd = openat(o->folder->fd, made, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    mode);
		if (fd >= 0) {
			*name = memory_string(made);
			return fd;
		}
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

/* What replaces a file is nobody's business but ours until it has its permissions. */
bool output_file_create(struct output *o, struct failure *why)
{
	const mode_t mode = o->target_exists ? 0600 : 0666;

	if (o->options.continuing)
		return output_part_create(o, mode, why);
	o->fd = output_file_temporary(o, mode, &o->temporary);
	if (o->fd >= 0)
		return true;
	fail_errno(why, FAILURE_OUTPUT, errno, "%s: making a temporary file beside it", o->path);
	return false;
}

bool output_file_position(struct output *o, uint64_t offset, struct failure *why)
{
	if (ftruncate(o->fd, (off_t)offset) == 0 &&
	    lseek(o->fd, (off_t)offset, SEEK_SET) == (off_t)offset)
		return true;
	fail_errno(why, FAILURE_OUTPUT, errno, "%s", o->path);
	return false;
}

int output_file_close(struct output *o)
{
	const int fd = o->fd;

	o->fd = -1;
	free(o->temporary);
	o->temporary = NULL;
	/* An interrupted close has closed (close(2), notes on EINTR). */
	return close(fd) == 0 || errno == EINTR ? 0 : errno;
}

void output_file_remove(struct output *o)
{
	if (o->is_part)
		output_label_remove(o);
	unlinkat(o->folder->fd, o->temporary, 0);
	output_file_close(o);
}
