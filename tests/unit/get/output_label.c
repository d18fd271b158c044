/* SPDX-License-Identifier: MIT */
/* tests/unit/get/output_label.c
 * Holds: what is written is read back, by its owner alone; the file is replaced whole, through no
 * link, and not written again when it says the same; of scattered bytes it says how many count; a
 * link, a FIFO, a folder, another user's, a too large or malformed one is none; where it cannot be
 * written there is none. */
#include "get_folder.h"
#include "output_faults.h"
#include "output_made.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(output_label, .init = made_begin, .fini = made_end);

static const char label[] = "f.part.validator";
static const char text[] = "etag \"v1\"\ntotal 10\nurl http://h/name.bin\n";

static struct validator found;
static uint64_t held;

static struct output *continuing(void)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");

	options.continuing = true;
	return made(&options);
}

static bool reads(struct output *o)
{
	char *read = output_label_read(o, &found, &held);
	bool there = read != NULL;

	free(read);
	if (!there)
		cr_assert_eq(found.total, UINT64_MAX);
	return there;
}

Test(output_label, is_read_as_it_was_written)
{
	struct output *o = continuing();
	struct stat status;

	made_write(o, 0, "abc");
	cr_assert_str_eq(folder_get(label), text);
	cr_assert(folder_stat(label, &status));
	cr_assert_eq(status.st_mode, S_IFREG | 0600);
	cr_assert(reads(o));
	cr_assert_str_eq(found.etag, "\"v1\"");
	cr_assert_eq(found.total, 10);
	cr_assert_eq(held, UINT64_MAX);
	output_free(o);
}

Test(output_label, is_not_written_again_for_the_same)
{
	struct output *o = continuing();
	struct validator other = *made_validator();
	int renames;

	made_write(o, 0, "abc");
	renames = output_faults.renames;
	cr_assert(output_suspend(o));
	made_write(o, 3, "def");
	cr_assert_eq(output_faults.renames, renames);
	cr_assert(output_suspend(o));
	other.total = 6;
	cr_assert(output_open(o, 6, NULL, &other, &(struct failure){ 0 }));
	cr_assert_str_eq(folder_get(label), "etag \"v1\"\ntotal 6\nurl http://h/name.bin\n");
	output_free(o);
}

Test(output_label, goes_through_no_link)
{
	struct output *o = continuing();

	folder_put("precious", "old");
	cr_assert_eq(symlink("precious", folder_path(label)), 0);
	made_write(o, 0, "abc");
	cr_assert_str_eq(folder_get(label), text);
	cr_assert_str_eq(folder_get("precious"), "old");
	output_free(o);
}

Test(output_label, of_scattered_bytes_says_how_many_count)
{
	struct output *o = continuing();

	made_write(o, 0, "abc");
	output_scatter(o);
	cr_assert_str_eq(folder_get(label),
			 "etag \"v1\"\ntotal 10\nheld 3\nurl http://h/name.bin\n");
	output_free(o);
}

Test(output_label, anything_else_is_none)
{
	struct output *o = continuing();
	char large[OUTPUT_VALIDATOR_FILE_MAX + 2];

	cr_assert_not(reads(o));
	folder_put(label, "");
	cr_assert_not(reads(o));
	folder_put(label, "url \n");
	cr_assert_not(reads(o));
	memset(large, 'x', sizeof large);
	large[sizeof large - 1] = '\0';
	folder_put(label, large);
	cr_assert_not(reads(o));
	folder_put("real", text);
	unlink(folder_path(label));
	cr_assert_eq(symlink("real", folder_path(label)), 0);
	cr_assert_not(reads(o));
	unlink(folder_path(label));
	cr_assert_eq(mkfifo(folder_path(label), 0666), 0);
	cr_assert_not(reads(o));
	unlink(folder_path(label));
	mkdir(folder_path(label), 0777);
	cr_assert_not(reads(o));
	rmdir(folder_path(label));
	folder_put(label, text);
	cr_assert(reads(o));
	if (geteuid() == 0) {
		cr_assert_eq(chown(folder_path(label), 65534, (gid_t)-1), 0);
		cr_assert_not(reads(o));
	}
	output_free(o);
}

Test(output_label, where_it_cannot_be_written_there_is_none)
{
	struct output *o = continuing();
	struct validator other = *made_validator();

	made_write(o, 0, "abc");
	cr_assert(output_suspend(o));
	other.total = 6;
	output_faults.renameat = EIO;
	cr_assert(output_open(o, 3, NULL, &other, &(struct failure){ 0 }));
	cr_assert_str_eq(folder_list(), "f.part");
	output_faults.renameat = 0;
	output_free(o);
}
