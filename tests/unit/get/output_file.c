/* SPDX-License-Identifier: MIT */
/* tests/unit/get/output_file.c
 * Holds: a temporary file has a new random name with a dot, whose shown part is never too long and
 * never cuts a character; it is private while it replaces something; with --continue it is
 * TARGET.part; what cannot be made is told by the target's name; position and size go together;
 * removing takes the label along; closing says what close says, but not an interruption. */
#include "get_folder.h"
#include "output_faults.h"
#include "output_made.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/utf8.h>

TestSuite(output_file, .init = made_begin, .fini = made_end);

static struct failure why;

static struct output *named(const char *file)
{
	struct output_options options = made_options(OUTPUT_FILE, file);

	return made(&options);
}

static mode_t mode_of(const char *name)
{
	struct stat status;

	cr_assert(folder_stat(name, &status), "%s", name);
	return status.st_mode & 07777;
}

Test(output_file, a_random_name_beside_the_target)
{
	struct output *o = named("f");
	char first[300];

	cr_assert(output_file_create(o, &why));
	snprintf(first, sizeof first, "%s", o->temporary);
	cr_assert_eq(strlen(first), strlen(".f.12345678"));
	cr_assert_eq(strncmp(first, ".f.", 3), 0);
	cr_assert_str_eq(folder_list(), first);
	cr_assert_eq(mode_of(first), 0666);
	cr_assert(fcntl(o->fd, F_GETFD) & FD_CLOEXEC);
	cr_assert_eq(fcntl(o->fd, F_GETFL) & O_ACCMODE, O_RDWR);
	output_file_remove(o);
	cr_assert_str_eq(folder_list(), "");
	cr_assert(output_file_create(o, &why));
	cr_assert_str_neq(o->temporary, first);
	output_file_remove(o);
	output_free(o);
}

Test(output_file, by_the_umask)
{
	struct output *o = named("f");

	umask(027);
	cr_assert(output_file_create(o, &why));
	cr_assert_eq(mode_of(o->temporary), 0640);
	output_file_remove(o);
	output_free(o);
}

Test(output_file, private_while_it_replaces_something)
{
	struct output *o;

	folder_put("f", "old");
	o = named("f");
	cr_assert(output_file_create(o, &why));
	cr_assert_eq(mode_of(o->temporary), 0600);
	output_file_remove(o);
	output_free(o);
}

Test(output_file, long_names_are_shown_in_part)
{
	char name[256] = "";
	struct output *o;

	/* 127 characters of two bytes, behind an odd one: a cut at 200 would be inside one. */
	memset(name, 'x', 1);
	for (size_t i = 1; i < 255; i += 2)
		memcpy(name + i, "\u00fc", 2);
	o = named(name);
	cr_assert(output_file_create(o, &why));
	cr_assert_eq(strlen(o->temporary), 1 + 199 + 9);
	cr_assert(utf8_valid(o->temporary, strlen(o->temporary)));
	output_file_remove(o);
	made_write(o, 0, "all");
	made_commit(o);
	cr_assert_str_eq(folder_list(), name);
	output_free(o);
}

Test(output_file, with_continue_it_is_the_part)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");
	struct output *o;

	options.continuing = true;
	o = made(&options);
	cr_assert(output_file_create(o, &why));
	cr_assert_str_eq(folder_list(), "f.part");
	cr_assert(o->is_part);
	output_file_remove(o);
	output_free(o);
}

Test(output_file, a_folder_that_has_gone)
{
	struct output_options options = made_options(OUTPUT_FILE, "sub/f");
	struct output *o;

	mkdir(folder_path("sub"), 0777);
	o = made(&options);
	cr_assert_eq(rmdir(folder_path("sub")), 0);
	cr_assert_not(output_file_create(o, &why));
	made_says(&why, "sub/f", "making a temporary file beside it: No such file or directory");
	cr_assert_eq(o->fd, -1);
	output_free(o);
}

Test(output_file, position_and_size_go_together)
{
	struct output *o = named("f");
	char got[4] = "";

	cr_assert(output_file_create(o, &why));
	cr_assert_eq(write(o->fd, "abcdef", 6), 6);
	cr_assert(output_file_position(o, 2, &why));
	cr_assert_eq(write(o->fd, "X", 1), 1);
	cr_assert_eq(pread(o->fd, got, 4, 0), 3);
	cr_assert_str_eq(got, "abX");
	output_file_remove(o);
	output_free(o);
}

Test(output_file, removing_takes_the_label_along)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");
	struct output *o;

	options.continuing = true;
	o = made(&options);
	made_write(o, 0, "abc");
	cr_assert_str_eq(folder_list(), "f.part f.part.validator");
	output_file_remove(o);
	cr_assert_str_eq(folder_list(), "");
	output_free(o);
}

Test(output_file, closing_says_what_close_says)
{
	struct output *o = named("f");

	cr_assert(output_file_create(o, &why));
	output_faults.close = EIO;
	cr_assert_eq(output_file_close(o), EIO);
	cr_assert_eq(o->fd, -1);
	cr_assert_eq(o->temporary, NULL);
	cr_assert(output_file_create(o, &why));
	output_faults.close = EINTR;
	cr_assert_eq(output_file_close(o), 0);
	output_free(o);
}
