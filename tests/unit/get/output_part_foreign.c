/* SPDX-License-Identifier: MIT */
/* tests/unit/get/output_part_foreign.c
 * Holds: a file from elsewhere is continued without a copy, stays the part of what identifies
 * itself, and is put back otherwise, with what came or without; starting over leaves it what it was
 * until the new one is whole; one that has changed meanwhile, is empty or another user's is not
 * continued; nobody who took a name in between loses it. */
#include "get_folder.h"
#include "output_faults.h"
#include "output_made.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

TestSuite(output_part_foreign, .init = made_begin, .fini = made_end);

static struct output *find(void)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");

	options.continuing = true;
	return made(&options);
}

/* What output_held() says. */
static void holds(struct output *o, uint64_t bytes, const char *etag, bool foreign)
{
	struct validator *v = calloc(1, sizeof *v);
	bool is_foreign = !foreign;

	cr_assert_eq(output_held(o, v, &is_foreign), bytes);
	cr_assert_str_eq(v->etag, etag);
	cr_assert_eq(is_foreign, foreign);
	free(v);
}

static bool locked(const char *name)
{
	int fd = open(folder_path(name), O_RDONLY);
	bool is_locked = flock(fd, LOCK_EX | LOCK_NB) != 0;

	close(fd);
	return is_locked;
}

static struct output *foreign(void)
{
	struct output *o;

	folder_put("f", "abcdef");
	cr_assert_eq(chmod(folder_path("f"), 0640), 0);
	o = find();
	holds(o, 6, "", true);
	return o;
}

Test(output_part_foreign, a_file_from_elsewhere_is_continued)
{
	struct output *o = foreign();
	struct stat before, after;

	cr_assert(folder_stat("f", &before));
	made_write(o, 6, "ghij");
	cr_assert_str_eq(folder_list(), "f.part f.part.validator");
	cr_assert(locked("f.part"));
	made_commit(o);
	cr_assert_str_eq(folder_list(), "f");
	cr_assert_str_eq(folder_get("f"), "abcdefghij");
	cr_assert(folder_stat("f", &after));
	cr_assert_eq(before.st_ino, after.st_ino);
	cr_assert_eq(after.st_mode, S_IFREG | 0640);
	output_free(o);
}

Test(output_part_foreign, a_file_from_elsewhere_that_was_whole)
{
	struct output *o = foreign();

	made_write(o, 6, "");
	made_commit(o);
	cr_assert_str_eq(folder_list(), "f");
	cr_assert_str_eq(folder_get("f"), "abcdef");
	output_free(o);
}

Test(output_part_foreign, a_file_from_elsewhere_stays_the_part_of_what_is_known)
{
	struct output *o = foreign();

	made_write(o, 6, "gh");
	holds(o, 8, "\"v1\"", false);
	cr_assert_str_eq(output_abandon(o, true), folder_path("f.part"));
	cr_assert_str_eq(folder_list(), "f.part f.part.validator");
	output_free(o);
	o = find();
	holds(o, 8, "\"v1\"", false);
	output_free(o);
}

static const struct validator *unknown(void)
{
	static struct validator v = { .url = "http://h/name.bin", .total = 10 };

	return &v;
}

static void go_on(struct output *o, uint64_t offset, const char *more)
{
	struct failure why = { 0 };
	struct stream *sink = output_open(o, offset, NULL, unknown(), &why);
	size_t n;

	cr_assert(sink, "%s", why.text);
	cr_assert_eq(stream_write(sink, more, strlen(more), &n, &why), IO_DONE);
}

Test(output_part_foreign, a_file_from_elsewhere_is_put_back_with_what_came)
{
	struct output *o = foreign();

	go_on(o, 6, "gh");
	holds(o, 8, "", true);
	cr_assert_str_eq(output_abandon(o, true), folder_path("f"));
	cr_assert_str_eq(folder_list(), "f");
	cr_assert_str_eq(folder_get("f"), "abcdefgh");
	output_free(o);
}

Test(output_part_foreign, a_file_from_elsewhere_is_put_back_as_it_was)
{
	struct output *o = foreign();

	made_write(o, 6, "gh");
	cr_assert_eq(output_abandon(o, false), NULL);
	cr_assert_str_eq(folder_list(), "f");
	cr_assert_str_eq(folder_get("f"), "abcdef");
	output_free(o);
}

Test(output_part_foreign, a_file_from_elsewhere_is_put_back_to_start_over)
{
	struct output *o = foreign();
	struct stat status;

	made_write(o, 6, "gh");
	cr_assert(output_suspend(o));
	made_write(o, 0, "AB");
	cr_assert_str_eq(folder_list(), "f f.part f.part.validator");
	cr_assert_str_eq(folder_get("f"), "abcdef");
	holds(o, 2, "\"v1\"", false);
	made_commit(o);
	cr_assert_str_eq(folder_get("f"), "AB");
	cr_assert(folder_stat("f", &status));
	cr_assert_eq(status.st_mode, S_IFREG | 0640);
	cr_assert_str_eq(folder_list(), "f");
	output_free(o);
}

Test(output_part_foreign, a_file_from_elsewhere_is_not_touched_by_starting_over)
{
	struct output *o = foreign();

	made_write(o, 0, "AB");
	cr_assert_str_eq(folder_get("f"), "abcdef");
	cr_assert_eq(output_abandon(o, false), NULL);
	cr_assert_str_eq(folder_list(), "f");
	cr_assert_str_eq(folder_get("f"), "abcdef");
	output_free(o);
}

/* As after a power cut: the file from elsewhere is TARGET.part, and nothing identifies it. */
Test(output_part_foreign, a_file_from_elsewhere_is_still_one_in_the_next_run)
{
	struct output *o;

	folder_put("f.part", "abcdefgh");
	folder_put("f.part.validator", "total 10\nurl http://h/name.bin\n");
	o = find();
	holds(o, 8, "", true);
	go_on(o, 8, "i");
	cr_assert_eq(output_abandon(o, false), NULL);
	cr_assert_str_eq(folder_list(), "f");
	cr_assert_str_eq(folder_get("f"), "abcdefgh");
	output_free(o);
}

Test(output_part_foreign, a_file_from_elsewhere_that_has_changed)
{
	struct output *o = foreign();

	folder_put("f", "abcdefg");
	made_says(made_not_open(o, 6, NULL), "f", "has changed while it was to be continued");
	output_free(o);
	o = foreign();
	cr_assert_eq(rename(folder_path("f"), folder_path("g")), 0);
	folder_put("f", "ABCDEF");
	made_says(made_not_open(o, 6, NULL), "f", "has changed while it was to be continued");
	unlink(folder_path("f"));
	made_says(made_not_open(o, 6, NULL), "f", "continuing it: No such file or directory");
	output_free(o);
}

/* A kill between two steps must not leave a part that the next run takes for none. */
Test(output_part_foreign, a_file_from_elsewhere_is_labelled_before_it_is_renamed)
{
	struct output *o = foreign();

	output_faults.linkat = EIO;
	output_faults.unlinkat = EIO;
	output_faults.renameat_after = 1;
	made_says(made_not_open(o, 6, NULL), "f", "continuing it: Input/output error");
	output_faults = (struct output_faults){ 0 };
	cr_assert_str_eq(folder_get("f"), "abcdef");
	cr_assert_str_eq(folder_get("f.part.validator"),
			 "etag \"v1\"\ntotal 10\nurl http://h/name.bin\n");
	output_free(o);
}

Test(output_part_foreign, a_file_from_elsewhere_that_cannot_be_labelled)
{
	struct output *o = foreign();
	struct failure why = { 0 };

	output_faults.renameat = EIO;
	made_says(made_not_open(o, 6, NULL), "f.part.validator", "cannot be written");
	cr_assert_str_eq(folder_list(), "f");
	cr_assert_str_eq(folder_get("f"), "abcdef");
	output_faults.renameat = 0;
	cr_assert(output_open(o, 6, NULL, NULL, &why), "%s", why.text);
	cr_assert_str_eq(folder_get("f.part.validator"), "url http://h/name.bin\n");
	output_free(o);
}

Test(output_part_foreign, a_file_from_elsewhere_and_a_part_that_came_meanwhile)
{
	struct output *o = foreign();

	folder_put("f.part", "other");
	made_says(made_not_open(o, 6, NULL), "f", "continuing it: File exists");
	cr_assert_str_eq(folder_get("f"), "abcdef");
	cr_assert_str_eq(folder_get("f.part"), "other");
	output_free(o);
}

Test(output_part_foreign, a_file_from_elsewhere_whose_name_was_taken)
{
	struct output *o = foreign();

	go_on(o, 6, "gh");
	folder_put("f", "mine");
	cr_assert_eq(output_abandon(o, true), NULL);
	cr_assert_str_eq(folder_get("f"), "mine");
	cr_assert_str_eq(folder_get("f.part"), "abcdefgh");
	cr_assert_str_eq(folder_list(), "f f.part f.part.validator");
	output_free(o);
}

Test(output_part_foreign, an_empty_file_or_another_users_is_not_continued)
{
	struct output *o;

	folder_put("f", "");
	o = find();
	holds(o, 0, "", false);
	output_free(o);
	if (geteuid() != 0)
		return;
	folder_put("f", "abcdef");
	cr_assert_eq(chown(folder_path("f"), 65534, (gid_t)-1), 0);
	o = find();
	holds(o, 0, "", false);
	output_free(o);
}
