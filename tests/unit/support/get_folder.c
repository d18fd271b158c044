/* SPDX-License-Identifier: MIT */
/* get_folder.c - a test's own temporary folder. */
#include "get_folder.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATHS = 8, CONTENTS = 4, CONTENT_MAX = 8192 };

static char folder[] = "/tmp/sockutil-get.XXXXXX";

void folder_begin(void)
{
	cr_assert(mkdtemp(folder) != NULL);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

void folder_end(void)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *folder_path(const char *name)
{
	static char paths[PATHS][1024];
	static unsigned next;
	char *path = paths[next++ % PATHS];

	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

void folder_put(const char *name, const char *text)
{
	int fd = open(folder_path(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	cr_assert(fd >= 0, "%s: %s", name, strerror(errno));
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

const char *folder_get(const char *name)
{
	static char contents[CONTENTS][CONTENT_MAX + 1];
	static unsigned next;
	char *content = contents[next++ % CONTENTS];
	int fd = open(folder_path(name), O_RDONLY | O_NOFOLLOW);
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = read(fd, content, CONTENT_MAX);
	close(fd);
	cr_assert(n >= 0);
	content[n] = '\0';
	return content;
}

bool folder_stat(const char *name, struct stat *status)
{
	return lstat(folder_path(name), status) == 0;
}

bool folder_has(const char *name)
{
	struct stat status;

	return folder_stat(name, &status);
}

static int keep_visible(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

const char *folder_list(void)
{
	static char list[4096];
	struct dirent **entries;
	int count = scandir(folder, &entries, keep_visible, alphasort);
	size_t used = 0;

	cr_assert(count >= 0);
	list[0] = '\0';
	for (int i = 0; i < count; i++) {
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? " " : "",
					 entries[i]->d_name);
		cr_assert(used < sizeof list);
		free(entries[i]);
	}
	free(entries);
	return list;
}

unsigned folder_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}
