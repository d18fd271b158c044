/* SPDX-License-Identifier: MIT */
/* tests/unit/get/output_folder.c
 * Holds: the current folder has no descriptor; the last folder is kept open and handed out again,
 * another one takes its place; a folder in use outlives that, and leads to the same place when its
 * name does not any more; one that may not be listed can be used; what is missing of a path is made
 * by the umask, what is there is left; what cannot be made is named. */
#include "get_folder.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/get/output_parts.h>

TestSuite(output_folder, .init = folder_begin, .fini = folder_end);

static struct output_folder *get(const char *name)
{
	const char *path = folder_path(name);

	return output_folder_get(path, strlen(path));
}

static bool make(const char *name, struct failure *why)
{
	const char *path = folder_path(name);

	return output_folder_make(path, strlen(path), why);
}

Test(output_folder, the_current_one_needs_no_descriptor)
{
	struct output_folder *folder = output_folder_get("x", 0);

	cr_assert_eq(folder->fd, AT_FDCWD);
	cr_assert_str_eq(folder->path, "");
	output_folder_release(folder);
}

Test(output_folder, only_the_length_given_counts)
{
	const char *path = folder_path("file");
	struct output_folder *folder = output_folder_get(path, strlen(path) - 4);

	cr_assert(folder);
	cr_assert_eq(openat(folder->fd, "file", O_RDONLY), -1);
	cr_assert_eq(errno, ENOENT);
	folder_put("file", "");
	cr_assert_geq(openat(folder->fd, "file", O_RDONLY), 0);
	output_folder_release(folder);
}

Test(output_folder, the_last_one_is_handed_out_again)
{
	struct output_folder *first = get(""), *second = get(""), *third;
	unsigned open_now = folder_descriptors();

	cr_assert_eq(first, second);
	output_folder_release(first);
	output_folder_release(second);
	third = get("");
	cr_assert_eq(third, first);
	cr_assert_eq(folder_descriptors(), open_now);
	output_folder_release(third);
}

Test(output_folder, another_one_takes_its_place)
{
	struct output_folder *folder = get("");
	unsigned open_now = folder_descriptors();

	output_folder_release(folder);
	mkdir(folder_path("a"), 0777);
	output_folder_release(get("a"));
	cr_assert_eq(folder_descriptors(), open_now);
}

Test(output_folder, one_in_use_stays_what_it_was)
{
	struct output_folder *a, *b;
	struct stat status;

	mkdir(folder_path("a"), 0777);
	a = get("a");
	b = get("");
	cr_assert_neq(a, b);
	rename(folder_path("a"), folder_path("moved"));
	cr_assert_geq(openat(a->fd, "file", O_WRONLY | O_CREAT, 0666), 0);
	cr_assert(folder_stat("moved/file", &status));
	output_folder_release(a);
	output_folder_release(b);
}

Test(output_folder, what_is_not_there)
{
	cr_assert_eq(get("nothing"), NULL);
	cr_assert_eq(errno, ENOENT);
	folder_put("file", "");
	cr_assert_eq(get("file"), NULL);
	cr_assert_eq(errno, ENOTDIR);
	output_folder_release(NULL);
}

#ifdef O_PATH
Test(output_folder, one_that_may_not_be_listed)
{
	struct output_folder *folder;

	mkdir(folder_path("a"), 0777);
	cr_assert_eq(chmod(folder_path(""), 0711), 0);
	cr_assert_eq(chmod(folder_path("a"), 0333), 0);
	if (geteuid() == 0)
		cr_assert_eq(seteuid(65534), 0);
	folder = get("a");
	cr_assert(folder);
	cr_assert_geq(openat(folder->fd, "file", O_WRONLY | O_CREAT, 0666), 0);
	output_folder_release(folder);
	(void)!seteuid(0);
}
#endif

Test(output_folder, what_is_missing_is_made)
{
	struct failure why = { 0 };
	struct stat status;

	umask(022);
	cr_assert(make("a/b//c/", &why));
	cr_assert(folder_stat("a/b/c", &status));
	cr_assert_eq(status.st_mode, S_IFDIR | 0755);
	cr_assert(make("a/b/c/d", &why));
	cr_assert(folder_has("a/b/c/d"));
	cr_assert(make("a/b/c/d", &why));
	cr_assert(output_folder_make("/", 1, &why));
	cr_assert(output_folder_make("", 0, &why));
	cr_assert_eq(why.class, FAILURE_NONE);
}

Test(output_folder, what_cannot_be_made_is_named)
{
	struct failure why = { 0 };
	char text[200];

	folder_put("file", "");
	cr_assert_not(make("file/b/c", &why));
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	snprintf(text, sizeof text, "%s: making the folder: Not a directory",
		 folder_path("file/b"));
	cr_assert_str_eq(why.text, text);
}
