/* SPDX-License-Identifier: MIT */
/*
 * Holds: our number stands in the file while we run; a stale file is taken over; one that a living
 * server holds is an error that names its process; what is no longer our file is left alone; a
 * symbolic link is not followed.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <sockutil/serve/pidfile.h>

static char folder[32], path[64];
static struct failure why;

static void set_up(void)
{
	strcpy(folder, "/tmp/pidfile.XXXXXX");
	cr_assert(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/pid", folder);
}

static void tear_down(void)
{
	unlink(path);
	rmdir(folder);
}

TestSuite(pidfile, .init = set_up, .fini = tear_down, .timeout = 30);

static const char *contents(void)
{
	static char text[64];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return text;
}

static void put(const char *text)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
}

Test(pidfile, holds_our_number_while_we_run)
{
	struct pidfile file;
	char expected[32];

	cr_assert(pidfile_open(&file, path, &why), "%s", why.text);
	snprintf(expected, sizeof expected, "%ld\n", (long)getpid());
	cr_assert_str_eq(contents(), expected);
	pidfile_close(&file);
	cr_assert_eq(access(path, F_OK), -1);
}

Test(pidfile, none_is_none)
{
	struct pidfile file;

	cr_assert(pidfile_open(&file, NULL, &why));
	pidfile_close(&file);
}

Test(pidfile, a_stale_one_is_taken_over)
{
	struct pidfile file;
	char expected[32];

	put("999999999 and more than we write\n");
	cr_assert(pidfile_open(&file, path, &why), "%s", why.text);
	snprintf(expected, sizeof expected, "%ld\n", (long)getpid());
	cr_assert_str_eq(contents(), expected);
	pidfile_close(&file);
}

Test(pidfile, one_that_is_held_names_its_holder)
{
	struct pidfile file;
	char expected[200];
	int other;

	put("4711\n");
	other = open(path, O_RDWR);
	cr_assert_eq(flock(other, LOCK_EX), 0);
	cr_assert_not(pidfile_open(&file, path, &why));
	snprintf(expected, sizeof expected,
		 "--pidfile %s: a server runs with it already, process 4711", path);
	cr_assert_eq(why.class, FAILURE_OTHER);
	cr_assert_str_eq(why.text, expected);
	cr_assert_str_eq(contents(), "4711\n");
	close(other);
}

Test(pidfile, another_file_of_that_name_is_left_alone)
{
	struct pidfile file;

	cr_assert(pidfile_open(&file, path, &why));
	unlink(path);
	put("somebody else's\n");
	pidfile_close(&file);
	cr_assert_str_eq(contents(), "somebody else's\n");
}

Test(pidfile, a_link_is_not_followed)
{
	struct pidfile file;

	cr_assert_eq(symlink("/tmp/nowhere-at-all", path), 0);
	cr_assert_not(pidfile_open(&file, path, &why));
	cr_assert_eq(why.class, FAILURE_OUTPUT);
}
