/* SPDX-License-Identifier: MIT */
/* tests/unit/net/rename_new.c
 * Holds: a free name is taken; files, folders and symbolic links that are there stay what they
 * are, also a link that leads nowhere; a file that is not there is told, and its new name stays
 * free; all of it by either way, and where there are no hard links. */
#include "get_folder.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/net/rename_new.h>

static int at;
static bool no_hard_links;

/* Found before the C library's. */
int linkat(int from_at, const char *from, int to_at, const char *to, int flags)
{
	int (*real)(int, const char *, int, const char *, int);

	if (no_hard_links) {
		errno = EPERM;
		return -1;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "linkat");
	return real(from_at, from, to_at, to, flags);
}

static void begin(void)
{
	folder_begin();
	at = open(folder_path(""), O_RDONLY | O_DIRECTORY);
	folder_put("part", "new");
}

static void end(void)
{
	close(at);
	folder_end();
}

TestSuite(rename_new, .init = begin, .fini = end);

static void nothing_is_replaced(int (*rename_to)(int folder, const char *from, const char *to))
{
	const unsigned descriptors = folder_descriptors();
	struct stat status;

	folder_put("file", "old");
	cr_assert_eq(mkdir(folder_path("folder"), 0755), 0);
	cr_assert_eq(symlink("file", folder_path("link")), 0);
	cr_assert_eq(symlink("nowhere", folder_path("dangling")), 0);
	cr_assert_eq(rename_to(at, "part", "file"), EEXIST);
	cr_assert_eq(rename_to(at, "part", "folder"), EEXIST);
	cr_assert_eq(rename_to(at, "part", "link"), EEXIST);
	cr_assert_eq(rename_to(at, "part", "dangling"), EEXIST);
	cr_assert_str_eq(folder_get("file"), "old");
	cr_assert_eq(lstat(folder_path("dangling"), &status), 0);
	cr_assert(S_ISLNK(status.st_mode));
	cr_assert_str_eq(folder_list(), "dangling file folder link part");
	cr_assert_eq(rename_to(at, "part", "fresh"), 0);
	cr_assert_str_eq(folder_get("fresh"), "new");
	cr_assert_eq(rename_to(at, "part", "other"), ENOENT);
	cr_assert_str_eq(folder_list(), "dangling file folder fresh link");
	cr_assert_eq(folder_descriptors(), descriptors);
}

Test(rename_new, in_one_call)
{
	nothing_is_replaced(rename_new);
}

Test(rename_new, by_a_link)
{
	nothing_is_replaced(rename_new_linked);
}

Test(rename_new, without_hard_links)
{
	no_hard_links = true;
	nothing_is_replaced(rename_new_linked);
}
