/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/files_place.c
 * Holds: the numbered names, with suffixes, without, too long, with characters that must stay
 * whole; a part is new, hidden, says what it will be, obeys the umask, and its name fits; the first
 * free name is taken; nothing is left over; all names taken; a folder that cannot be written.
 */
#include "get_folder.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/chat/files_parts.h>

static int folder;

static void begin(void)
{
	folder_begin();
	folder = open(folder_path("."), O_RDONLY | O_DIRECTORY);
	cr_assert(folder >= 0);
}

static void end(void)
{
	close(folder);
	folder_end();
}

TestSuite(chat_files_place, .init = begin, .fini = end);

static const char *nth(const char *name, unsigned n)
{
	static char out[4][FILE_NAME_MAX];
	static unsigned next;
	char *text = out[next++ % 4];

	chat_files_name(text, name, n);
	return text;
}

Test(chat_files_place, numbered_names)
{
	cr_assert_str_eq(nth("report.pdf", 0), "report.pdf");
	cr_assert_str_eq(nth("report.pdf", 1), "report.1.pdf");
	cr_assert_str_eq(nth("report.pdf", 100), "report.100.pdf");
	cr_assert_str_eq(nth("README", 1), "README.1");
	cr_assert_str_eq(nth("a.tar.gz", 2), "a.tar.2.gz");
	cr_assert_str_eq(nth("end.", 1), "end..1");
	cr_assert_str_eq(nth("a b.c d", 3), "a b.3.c d");
}

Test(chat_files_place, long_names)
{
	char name[FILE_NAME_MAX], expected[FILE_NAME_MAX];

	snprintf(name, sizeof name, "%0251d.txt", 0);
	cr_assert_eq(strlen(name), 255);
	cr_assert_str_eq(nth(name, 0), name);
	snprintf(expected, sizeof expected, "%0249d.1.txt", 0);
	cr_assert_str_eq(nth(name, 1), expected);
	snprintf(expected, sizeof expected, "%0247d.100.txt", 0);
	cr_assert_str_eq(nth(name, 100), expected);

	/* 85 characters of three bytes: the last one goes as a whole */
	for (int i = 0; i < 85; i++)
		memcpy(name + 3 * i, "\u6f22", 4);
	nth(name, 1);
	cr_assert_eq(strlen(nth(name, 1)), 254);
	cr_assert_str_eq(nth(name, 1) + 249, "\u6f22.1");

	/* all but one of it is the suffix */
	snprintf(name, sizeof name, "x.%0253d", 0);
	cr_assert_eq(strlen(nth(name, 1)), 255);
	cr_assert_str_eq(nth(name, 1) + 253, ".1");
	cr_assert_eq(strncmp(nth(name, 1), name, 253), 0);
}

Test(chat_files_place, a_part)
{
	char name[FILE_NAME_MAX], *part = NULL, *other = NULL;
	struct stat status;
	int fd;

	umask(027);
	fd = chat_files_part(folder, "report.pdf", &part);
	cr_assert(fd >= 0);
	cr_assert_eq(fnmatch(".report.pdf.????????.part", part, FNM_PERIOD), 0, "%s", part);
	cr_assert(folder_stat(part, &status));
	cr_assert_eq(status.st_mode, S_IFREG | 0640);
	cr_assert_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	close(chat_files_part(folder, "report.pdf", &other));
	cr_assert_str_neq(part, other);
	free(part);
	free(other);
	snprintf(name, sizeof name, "%0255d", 0);
	fd = chat_files_part(folder, name, &part);
	cr_assert(fd >= 0, "%s", strerror(errno));
	cr_assert_lt(strlen(part), 255);
	free(part);
	close(fd);
}

Test(chat_files_place, a_part_in_a_folder_that_is_gone)
{
	char *part = NULL;
	int gone;

	cr_assert_eq(mkdir(folder_path("sub"), 0755), 0);
	gone = open(folder_path("sub"), O_RDONLY | O_DIRECTORY);
	cr_assert_eq(rmdir(folder_path("sub")), 0);
	cr_assert_eq(chat_files_part(gone, "f", &part), -1);
	cr_assert_eq(errno, ENOENT);
	cr_assert_null(part);
	close(gone);
}

Test(chat_files_place, the_first_free_name)
{
	char name[FILE_NAME_MAX];

	folder_put("part", "new");
	cr_assert_eq(chat_files_place(folder, "part", "f.txt", name), 0);
	cr_assert_str_eq(name, "f.txt");
	folder_put("part", "newer");
	cr_assert_eq(chat_files_place(folder, "part", "f.txt", name), 0);
	cr_assert_str_eq(name, "f.1.txt");
	cr_assert_str_eq(folder_get("f.txt"), "new");
	cr_assert_str_eq(folder_get("f.1.txt"), "newer");
	cr_assert_str_eq(folder_list(), "f.1.txt f.txt");
}

Test(chat_files_place, all_names_are_taken)
{
	char name[FILE_NAME_MAX];

	for (unsigned n = 0; n < CHAT_FILES_NAMES; n++)
		folder_put(nth("f.txt", n), "old");
	folder_put("part", "new");
	cr_assert_eq(chat_files_place(folder, "part", "f.txt", name), EEXIST);
	cr_assert_eq(unlink(folder_path("f.100.txt")), 0);
	cr_assert_eq(chat_files_place(folder, "part", "f.txt", name), 0);
	cr_assert_str_eq(name, "f.100.txt");
}
