/* SPDX-License-Identifier: MIT */
/* files_place.c - names of accepted files: while they are written, and when they are whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/random.h>
#include <sockutil/base/utf8.h>
#include <sockutil/chat/files_parts.h>
#include <sockutil/net/rename_new.h>

enum {
	RANDOM_LENGTH = 8,
	ATTEMPTS = 100,
	SHOWN = 200, /* bytes of the name in a part's */
};

void chat_files_name(char out[static FILE_NAME_MAX], const char *name, unsigned n)
{
	const char *dot = strrchr(name, '.');
	const char *suffix = dot && dot[1] ? dot : name + strlen(name);
	char number[16];
	size_t stem = (size_t)(suffix - name), room;

	snprintf(number, sizeof(number), ".%u", n);
	if (n == 0)
		number[0] = '\0';
	/* A suffix that leaves nothing of the name is none. */
	if (strlen(suffix) + strlen(number) >= FILE_NAME_MAX - 1) {
		stem = strlen(name);
		suffix = name + stem;
	}
	room = FILE_NAME_MAX - 1 - strlen(suffix) - strlen(number);
	snprintf(out, FILE_NAME_MAX, "%.*s%s%s", (int)utf8_cut(name, stem, room), name, number,
		 suffix);
}

int chat_files_part(int folder, const char *name, char **part)
{
	char made[SHOWN + RANDOM_LENGTH + sizeof("...part")], random[RANDOM_LENGTH + 1];
	int fd = -1;

	for (int i = 0; i < ATTEMPTS && fd < 0; i++) {
		random_text(random, RANDOM_LENGTH);
		snprintf(made, sizeof(made), ".%.*s.%s.part",
			 (int)utf8_cut(name, strlen(name), SHOWN), name, random);
		fd = openat(folder, made, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    0666);
		if (fd < 0 && errno != EEXIST)
			return -1;
	}
	if (fd >= 0)
		*part = memory_string(made);
	return fd;
}

int chat_files_place(int folder, const char *part, const char *name, char out[static FILE_NAME_MAX])
{
	int error = EEXIST;

	for (unsigned n = 0; n < CHAT_FILES_NAMES && error == EEXIST; n++) {
		chat_files_name(out, name, n);
		error = rename_new(folder, part, out);
	}
	return error;
}
