/* SPDX-License-Identifier: MIT */
/* src/get/output_name.c - which file a body goes to. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/get/output_parts.h>
#include <sockutil/proto/content_disposition.h>
#include <sockutil/proto/file_name.h>

enum { NUMBERS = 100, URL_SHOWN = 200 };

/* --- -o --------------------------------------------------------------------------------------- */

/* The descriptor that a name stands for; -1: none. Opened by its name a regular file would be
 * written from its start, over what is there. */
static int name_descriptor(const char *name)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };
	uint64_t number;

	if (strcmp(name, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(name, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		const size_t length = strlen(folders[i]);

		if (strncmp(name, folders[i], length) == 0 &&
		    number_parse(name + length, INT_MAX, &number))
			return (int)number;
	}
	return -1;
}

/* Behind -P unless it is absolute. */
static char *name_in_directory(const struct output *o, const char *name)
{
	const char *directory = o->options.directory;
	struct buffer path = { 0 };
	char *copy;

	if (!directory || !*directory || *name == '/')
		return memory_string(name);
	copy = buffer_format(&path, "%s%s%s", directory,
			     directory[strlen(directory) - 1] == '/' ? "" : "/", name)
		       ? memory_string(buffer_text(&path))
		       : NULL;
	buffer_free(&path);
	return copy;
}

static bool name_take(struct output *o, const char *name, struct failure *why)
{
	o->path = name_in_directory(o, name);
	if (o->path)
		return output_look(o, why);
	fail(why, FAILURE_OTHER, "out of memory");
	return false;
}

static bool name_is_folder(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;

	return !*base || strcmp(base, ".") == 0 || strcmp(base, "..") == 0;
}

static bool name_decide_file(struct output *o, struct failure *why)
{
	const char *file = o->options.file;

	o->descriptor = name_descriptor(file);
	if (strcmp(file, "-") == 0 || o->descriptor == STDOUT_FILENO) {
		o->kind = OUTPUT_TO_STDOUT;
		return true;
	}
	if (o->descriptor >= 0) {
		o->kind = OUTPUT_TO_SPECIAL;
		o->path = memory_string(file);
		return true;
	}
	if (!*file) {
		fail(why, FAILURE_USAGE, "-o: an empty name is no file");
		return false;
	}
	if (!name_is_folder(file))
		return name_take(o, file, why);
	fail(why, FAILURE_OUTPUT,
	     "%s: names a folder; -P puts files into it, -O under the URL's "
	     "name",
	     file);
	return false;
}

/* --- names from the network ------------------------------------------------------------------- */

static bool name_from_url(const struct url *url, char out[static FILE_NAME_MAX])
{
	char segment[URL_MAX];

	return url_last_segment(segment, sizeof(segment), url) &&
	       file_name_from_network(segment, out);
}

static bool name_decide_remote(struct output *o, const struct url *url, struct failure *why)
{
	char name[FILE_NAME_MAX], text[URL_SHOWN];

	if (name_from_url(url, name))
		return name_take(o, name, why);
	fail(why, FAILURE_USAGE, "%s: no name for a file in it; -o names one",
	     url_text(text, sizeof(text), url));
	return false;
}

bool output_name_decide(struct output *o, const struct url *url, struct failure *why)
{
	char name[FILE_NAME_MAX];

	o->kind = OUTPUT_TO_FILE;
	switch (o->options.naming) {
	case OUTPUT_STDOUT:
		o->kind = OUTPUT_TO_STDOUT;
		return true;
	case OUTPUT_FILE:
		return name_decide_file(o, why);
	case OUTPUT_REMOTE_NAME:
		return name_decide_remote(o, url, why);
	case OUTPUT_DISPOSITION:
		break;
	}
	if (name_from_url(url, name))
		o->proposal = memory_string(name);
	return true;
}

bool output_name_propose(struct output *o, const char *disposition, struct failure *why)
{
	char name[FILE_NAME_MAX];

	if (disposition && file_name_from_network(disposition, name))
		return name_take(o, name, why);
	if (o->proposal)
		return name_take(o, o->proposal, why);
	fail(why, FAILURE_OUTPUT, "neither the server nor the URL names a file; -o names one");
	return false;
}

bool output_name_settle(struct output *o, struct failure *why)
{
	if (o->folder || o->kind != OUTPUT_TO_FILE)
		return true;
	return output_folder_make(o->path, (size_t)(o->base - o->path), why) && output_look(o, why);
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* "PATH.N"; the number that is there already is ours. */
static char *name_numbered(const char *path, size_t length, int number)
{
	const size_t size = length + 5;
	char *numbered = memory_zeroed(1, size);

	snprintf(numbered, size, "%.*s.%d", (int)length, path, number);
	return numbered;
}

bool output_name_number(struct output *o, struct failure *why)
{
	const size_t before = (size_t)(o->base - o->path);
	struct stat status;

	if (o->unnumbered == 0)
		o->unnumbered = strlen(o->path);
	while (o->number < NUMBERS) {
		char *numbered = name_numbered(o->path, o->unnumbered, ++o->number);

		free(o->path);
		o->path = numbered;
		o->base = numbered + before;
		if (fstatat(o->folder->fd, o->base, &status, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (errno == ENOENT)
			return true;
		fail_errno(why, FAILURE_OUTPUT, errno, "%s", o->path);
		return false;
	}
	fail(why, FAILURE_OUTPUT, "%.*s: exists, and so do its numbers up to .%d; -o names another",
	     (int)o->unnumbered, o->path, NUMBERS);
	return false;
}
