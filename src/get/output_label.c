/* SPDX-License-Identifier: MIT */
/* src/get/output_label.c - the file beside a part that says what it is a part of. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/get/output_parts.h>

/* A longer name than the system has is cut, and cut it cannot be opened either. */
enum { NAME_SIZE = 512 };

static const char *label_name(const struct output *o, char out[static NAME_SIZE])
{
	snprintf(out, NAME_SIZE, "%s.part.validator", o->base);
	return out;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* -1: not there, a link, no regular file, or somebody else's. */
static int label_open(const struct output *o)
{
	char name[NAME_SIZE];
	struct stat status;
	const int fd = openat(o->folder->fd, label_name(o, name),
			      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid())
		return fd;
	close(fd);
	return -1;
}

/* All of it: size bytes and not more. */
static bool label_fill(int fd, char *text, size_t size, size_t *length)
{
	*length = 0;
	while (*length < size) {
		const ssize_t n = read(fd, text + *length, size - *length);

		if (n == 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
		*length += n > 0 ? (size_t)n : 0;
	}
	return false;
}

char *output_label_read(const struct output *o, struct validator *v, uint64_t *held)
{
	char text[OUTPUT_VALIDATOR_FILE_MAX + 1];
	const int fd = label_open(o);
	size_t length;
	bool all;

	output_validator_clear(v);
	if (fd < 0)
		return NULL;
	all = label_fill(fd, text, sizeof(text), &length);
	close(fd);
	if (!all || !output_validator_parse(text, length, v, held)) {
		output_validator_clear(v);
		return NULL;
	}
	/* It has passed: no NUL is in it. */
	text[length] = '\0';
	return memory_string(text);
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool label_put(int fd, const char *text, size_t length)
{
	while (length > 0) {
		const ssize_t n = write(fd, text, length);

		if (n < 0 && errno != EINTR)
			return false;
		text += n > 0 ? n : 0;
		length -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* Replaced whole: a part is never beside another one's label. An URL may hold secrets: 0600. */
static bool label_replace(const struct output *o, const char *text)
{
	char name[NAME_SIZE], *temporary;
	const int fd = output_file_temporary(o, 0600, &temporary);
	bool done;

	if (fd < 0)
		return false;
	done = label_put(fd, text, strlen(text));
	done = close(fd) == 0 && done &&
	       renameat(o->folder->fd, temporary, o->folder->fd, label_name(o, name)) == 0;
	if (!done)
		unlinkat(o->folder->fd, temporary, 0);
	free(temporary);
	return done;
}

/* What o->validator says, and for a scattered file how much of it counts. */
static char *label_text(const struct output *o)
{
	struct buffer text = { 0 };
	struct validator v;
	uint64_t held;
	char *copy = NULL;

	if (!o->validator || !output_validator_parse(o->validator, strlen(o->validator), &v, &held))
		return NULL;
	held = o->scattered && o->state == OUTPUT_OPEN ? o->placed : UINT64_MAX;
	if (output_validator_text(&text, &v, held) && buffer_text(&text))
		copy = memory_string(buffer_text(&text));
	buffer_free(&text);
	return copy;
}

void output_label_write(struct output *o)
{
	char *text = label_text(o);

	if (text && o->label && strcmp(text, o->label) == 0) {
		free(text);
		return;
	}
	if (!text || !label_replace(o, text)) {
		free(text);
		output_label_remove(o);
		return;
	}
	free(o->label);
	o->label = text;
}

void output_label_remove(struct output *o)
{
	char name[NAME_SIZE];

	unlinkat(o->folder->fd, label_name(o, name), 0);
	free(o->label);
	o->label = NULL;
}
