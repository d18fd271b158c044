/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tap_output.c
 * Holds: a file is made 0600 or emptied; the first piece is written at once, those that follow
 * within a second wait, 64 KiB do not; flush and close write what waits; a file that cannot be
 * opened, written or holds no more is named; closing frees in every case, and twice is nothing. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/stream/tap_output.h>

static char folder[] = "/tmp/tap_output_XXXXXX";
static char path[64];
static struct tap_output out;
static struct failure why;

static void set_up(void)
{
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/recording", folder);
}

static void tear_down(void)
{
	unlink(path);
	rmdir(folder);
}

TestSuite(tap_output, .init = set_up, .fini = tear_down);

static long size(void)
{
	struct stat now;

	return stat(path, &now) == 0 ? (long)now.st_size : -1;
}

static void add(const char *bytes, size_t length)
{
	cr_assert(buffer_add(&out.waiting, bytes, length));
	cr_assert(tap_output_added(&out, &why));
}

Test(tap_output, pieces_gather)
{
	static const char many[64 * 1024];
	struct stat now;

	cr_assert(tap_output_open(&out, path, &why));
	cr_assert_eq(stat(path, &now), 0);
	cr_assert_eq(now.st_mode & 0777, 0600);
	add("first", 5);
	cr_assert_eq(size(), 5);
	out.written_ms = clock_ms() + 100000; /* as if just now, however slow this machine is */
	add("second", 6);
	cr_assert_eq(size(), 5);
	add(many, sizeof many);
	cr_assert_eq(size(), 11 + (long)sizeof many);
	out.written_ms = clock_ms() + 100000;
	add("third", 5);
	cr_assert_eq(size(), 11 + (long)sizeof many);
	out.written_ms = clock_ms() - 1000;
	add("", 0);
	cr_assert_eq(size(), 16 + (long)sizeof many);
	cr_assert(buffer_add(&out.waiting, "last", 4));
	cr_assert(tap_output_close(&out, &why));
	cr_assert_eq(size(), 20 + (long)sizeof many);
	cr_assert(tap_output_close(&out, &why));
}

Test(tap_output, an_existing_file_is_emptied)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	cr_assert_eq(write(fd, "old", 3), 3);
	close(fd);
	cr_assert(tap_output_open(&out, path, &why));
	cr_assert_eq(size(), 0);
	cr_assert(tap_output_close(&out, &why));
}

Test(tap_output, what_cannot_be_opened_is_named)
{
	cr_assert(!tap_output_open(&out, "/nowhere/file", &why));
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_eq(why.error, ENOENT);
	cr_assert_str_eq(why.text, "recording to /nowhere/file: No such file or directory");
	cr_assert(tap_output_close(&out, &why));
}

Test(tap_output, what_holds_no_more_is_named)
{
	cr_assert(tap_output_open(&out, "/dev/full", &why));
	cr_assert(buffer_add(&out.waiting, "x", 1));
	cr_assert(!tap_output_added(&out, &why));
	cr_assert_str_eq(why.text, "recording to /dev/full: No space left on device");
	why.text[0] = '\0';
	cr_assert(!tap_output_flush(&out, &why));
	cr_assert(!tap_output_close(&out, &why));
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, "recording to /dev/full: No space left on device");
	cr_assert_eq(out.fd, -1);
}
