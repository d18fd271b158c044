/* SPDX-License-Identifier: MIT */
/* tests/unit/net/child_find.c
 * Holds: a name without a slash is looked for in PATH, in order, folders and files that may not be
 * run passed by; an empty part is the current folder; with a slash it is taken as it is; what is
 * not there, may not be run, or is a folder is told with its reason. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/net/child.h>

static char folder[] = "/tmp/sockutil-find-XXXXXX";
static char first[64], second[64];

static void put(const char *in, const char *name, mode_t mode)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", in, name);
	fd = open(path, O_WRONLY | O_CREAT, mode);
	cr_assert_geq(fd, 0);
	close(fd);
}

static void set_up(void)
{
	char path[160];

	cr_assert(mkdtemp(folder));
	snprintf(first, sizeof(first), "%s/first", folder);
	snprintf(second, sizeof(second), "%s/second", folder);
	mkdir(first, 0700);
	mkdir(second, 0700);
	snprintf(path, sizeof(path), "%s:%s/none:%s", first, folder, second);
	setenv("PATH", path, 1);
	put(second, "tool", 0700);
}

static void tear_down(void)
{
	char command[128];

	snprintf(command, sizeof(command), "/bin/rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

static void found(const char *name, const char *in)
{
	struct failure why = { 0 };
	char path[128];
	char *got = child_find(name, &why);

	snprintf(path, sizeof(path), "%s/%s", in, name);
	cr_assert(got, "%s", why.text);
	cr_assert_str_eq(got, path);
	free(got);
}

static void not_found(const char *name, const char *text)
{
	struct failure why = { 0 };

	cr_assert_null(child_find(name, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, text);
}

TestSuite(child_find, .init = set_up, .fini = tear_down);

Test(child_find, in_the_order_of_path)
{
	found("tool", second);
	put(first, "tool", 0700);
	found("tool", first);
}

Test(child_find, folders_and_files_that_may_not_be_run_are_passed_by)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/tool", first);
	mkdir(path, 0700);
	found("tool", second);
	rmdir(path);
	put(first, "tool", 0600);
	found("tool", second);
}

Test(child_find, an_empty_part_is_the_current_folder)
{
	cr_assert_eq(chdir(second), 0);
	setenv("PATH", "/nowhere:", 1);
	found("tool", ".");
	unsetenv("PATH");
	not_found("tool", "cannot run tool: not found in PATH");
}

Test(child_find, with_a_slash_it_is_taken_as_it_is)
{
	struct failure why = { 0 };
	char *got;

	cr_assert_eq(chdir(folder), 0);
	got = child_find("second/tool", &why);
	cr_assert_str_eq(got, "second/tool");
	free(got);
	not_found("./tool", "cannot run ./tool: No such file or directory");
}

Test(child_find, the_reason_is_told)
{
	char path[128], text[256];

	not_found("nothing", "cannot run nothing: not found in PATH");
	not_found("", "cannot run \"\": No such file or directory");
	snprintf(text, sizeof(text), "cannot run %s: Is a directory", first);
	not_found(first, text);
	put(first, "locked", 0600);
	not_found("locked", "cannot run locked: Permission denied");
	snprintf(path, sizeof(path), "%s/locked", first);
	snprintf(text, sizeof(text), "cannot run %s: Permission denied", path);
	not_found(path, text);
}
