/* SPDX-License-Identifier: MIT */
/* tests/unit/get/output_part.c
 * Holds: a part with a label is found, locked and continued; without one, with a wrong one, with
 * more bytes than the whole has, as a link or another user's it is none, and starting over leaves
 * what it is alone; one that is being written is nobody else's, neither to be found, nor made, nor
 * put in its place; a failed transfer leaves a part that can be continued and says so, unless
 * nothing came or nothing says of what it is a part; of scattered bytes only those without a gap
 * are kept. (Files from elsewhere: output_part_foreign.c.) */
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

TestSuite(output_part, .init = made_begin, .fini = made_end);

static const char label[] = "f.part.validator";
static const char text[] = "etag \"v1\"\ntotal 10\nurl http://h/name.bin\n";

static struct output_options continuing(void)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");

	options.continuing = true;
	return options;
}

static struct output *find(void)
{
	struct output_options options = continuing();

	return made(&options);
}

static void put_part(const char *bytes)
{
	folder_put("f.part", bytes);
	folder_put(label, text);
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

/* --- found ------------------------------------------------------------------ */

Test(output_part, is_found_locked_and_continued)
{
	struct output *o;

	put_part("abcdef");
	folder_put("f", "old");
	o = find();
	holds(o, 6, "\"v1\"", false);
	cr_assert(locked("f.part"));
	made_write(o, 6, "ghij");
	cr_assert_eq(output_written(o), 10);
	cr_assert_str_eq(folder_get("f"), "old");
	made_commit(o);
	cr_assert_str_eq(folder_get("f"), "abcdefghij");
	cr_assert_str_eq(folder_list(), "f");
	output_free(o);
}

Test(output_part, that_is_not_opened_stays_as_it_was)
{
	struct output *o;

	put_part("abcdef");
	o = find();
	cr_assert_str_eq(output_abandon(o, false), folder_path("f.part"));
	cr_assert_str_eq(folder_get("f.part"), "abcdef");
	cr_assert_str_eq(folder_get(label), text);
	cr_assert_not(locked("f.part"));
	output_free(o);
	output_free(find());
	cr_assert_str_eq(folder_list(), "f.part f.part.validator");
}

Test(output_part, is_dropped_to_start_over)
{
	struct output *o;

	put_part("abcdef");
	o = find();
	made_write(o, 0, "XY");
	cr_assert_str_eq(folder_get("f.part"), "XY");
	made_commit(o);
	cr_assert_str_eq(folder_get("f"), "XY");
	cr_assert_str_eq(folder_list(), "f");
	output_free(o);
}

Test(output_part, only_what_is_held_can_be_continued)
{
	struct output *o;

	put_part("abcdef");
	o = find();
	made_says(made_not_open(o, 5, NULL), "f", "6 bytes are there to be continued, not 5");
	output_free(o);
	cr_assert_str_eq(folder_get("f.part"), "abcdef");
}

Test(output_part, only_what_counts_is_held)
{
	struct output *o;

	put_part("abcdef..");
	folder_put(label, "etag \"v1\"\nheld 6\nurl http://h/name.bin\n");
	o = find();
	holds(o, 6, "\"v1\"", false);
	made_write(o, 6, "g");
	cr_assert_str_eq(folder_get("f.part"), "abcdefg");
	output_free(o);
}

/* f.part holds nothing, and what comes anew is whole. */
static void is_none(void)
{
	struct output *o = find();

	holds(o, 0, "", false);
	made_write(o, 0, "new");
	made_commit(o);
	cr_assert_str_eq(folder_get("f"), "new");
	output_free(o);
	unlink(folder_path("f"));
}

Test(output_part, without_a_label_is_none)
{
	folder_put("f.part", "abcdef");
	is_none();
	put_part("abcdef");
	folder_put(label, "url\n");
	is_none();
	put_part("");
	is_none();
	put_part("abcdefghijk");
	is_none();
	cr_assert_str_eq(folder_list(), "");
}

Test(output_part, that_is_a_link_is_none)
{
	folder_put("precious", "abcdef");
	folder_put(label, text);
	cr_assert_eq(symlink("precious", folder_path("f.part")), 0);
	is_none();
	cr_assert_str_eq(folder_get("precious"), "abcdef");
	cr_assert_str_eq(folder_list(), "precious");
}

Test(output_part, of_another_user_is_none)
{
	if (geteuid() != 0)
		cr_skip_test("only root can make another user's file");
	put_part("abcdef");
	cr_assert_eq(link(folder_path("f.part"), folder_path("theirs")), 0);
	cr_assert_eq(chown(folder_path("f.part"), 65534, (gid_t)-1), 0);
	is_none();
	cr_assert_str_eq(folder_get("theirs"), "abcdef");
}

Test(output_part, that_cannot_be_taken_away)
{
	struct output *o;

	mkdir(folder_path("f.part"), 0777);
	o = find();
	holds(o, 0, "", false);
	made_says(made_not_open(o, 0, NULL), "f.part", "Is a directory");
	output_free(o);
	cr_assert_str_eq(folder_list(), "f.part");
}

/* --- one at a time ---------------------------------------------------------- */

static const char busy[] = "is being written by another transfer";

Test(output_part, that_is_being_written_is_not_found)
{
	struct output_options options = continuing();
	struct output *o;

	put_part("abcdef");
	o = find();
	made_says(made_not(&options), "f.part", busy);
	output_free(o);
	output_free(find());
}

Test(output_part, that_is_being_written_is_not_made)
{
	struct output *first = find(), *second = find();

	made_write(first, 0, "abc");
	made_says(made_not_open(second, 0, NULL), "f.part", busy);
	output_free(second);
	cr_assert_str_eq(folder_get("f.part"), "abc");
	made_commit(first);
	output_free(first);
	cr_assert_str_eq(folder_list(), "f");
}

Test(output_part, that_is_being_written_is_not_replaced)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");
	struct output *writer = find(), *other = made(&options);

	made_write(writer, 0, "abc");
	made_write(other, 0, "xyz");
	cr_assert_eq(output_abandon(other, true), NULL);
	cr_assert_str_eq(folder_get("f.part"), "abc");
	cr_assert_str_eq(folder_list(), "f.part f.part.validator");
	output_free(other);
	output_free(writer);
}

Test(output_part, where_there_are_no_locks)
{
	struct output *o;

	put_part("abcdef");
	output_faults.flock = ENOLCK;
	o = find();
	holds(o, 6, "\"v1\"", false);
	output_free(o);
}

Test(output_part, that_was_exchanged_is_not_renamed)
{
	struct output *o = find();

	made_write(o, 0, "abc");
	folder_put("other", "evil");
	cr_assert_eq(rename(folder_path("other"), folder_path("f.part")), 0);
	made_says(made_not_commit(o), "f.part", "was exchanged while it was written");
	cr_assert_str_eq(folder_get("f.part"), "evil");
	cr_assert_not(folder_has("f"));
	output_free(o);
}

/* --- kept ------------------------------------------------------------------- */

static struct output *plain(void)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");

	return made(&options);
}

Test(output_part, is_what_a_failed_transfer_leaves)
{
	struct output *o = plain();

	put_part("older and longer");
	made_write(o, 0, "abc");
	cr_assert_str_eq(output_abandon(o, true), folder_path("f.part"));
	cr_assert_str_eq(folder_get("f.part"), "abc");
	cr_assert_str_eq(folder_get(label), text);
	cr_assert_str_eq(folder_list(), "f.part f.part.validator");
	output_free(o);
	o = find();
	holds(o, 3, "\"v1\"", false);
	cr_assert_not(locked(label));
	output_free(o);
}

Test(output_part, stays_what_a_continued_transfer_leaves)
{
	struct output *o = find();

	made_write(o, 0, "abc");
	cr_assert_str_eq(output_abandon(o, true), folder_path("f.part"));
	cr_assert_str_eq(output_abandon(o, false), folder_path("f.part"));
	cr_assert_str_eq(folder_get("f.part"), "abc");
	cr_assert_str_eq(folder_get(label), text);
	cr_assert_not(locked("f.part"));
	output_free(o);
	cr_assert_str_eq(folder_list(), "f.part f.part.validator");
}

static void leaves_nothing(struct output *o, bool keep)
{
	cr_assert_eq(output_abandon(o, keep), NULL);
	cr_assert_str_eq(folder_list(), "");
	output_free(o);
}

Test(output_part, nothing_is_kept_of_nothing)
{
	struct output *o;

	made_write(o = plain(), 0, "");
	leaves_nothing(o, true);
	made_write(o = find(), 0, "");
	leaves_nothing(o, true);
}

Test(output_part, nothing_is_kept_of_what_is_not_wanted)
{
	struct output *o;

	made_write(o = plain(), 0, "abc");
	leaves_nothing(o, false);
	made_write(o = find(), 0, "abc");
	leaves_nothing(o, false);
	made_write(o = plain(), 0, "abc");
	output_free(o);
	cr_assert_str_eq(folder_list(), "");
}

Test(output_part, nothing_is_kept_that_nothing_identifies)
{
	struct validator v = *made_validator();
	struct output *o;

	made_write_bare(o = plain(), 0, "abc");
	leaves_nothing(o, true);
	v.etag[0] = '\0';
	made_write(o = plain(), 0, "abc");
	cr_assert(output_suspend(o));
	cr_assert(output_open(o, 3, NULL, &v, &(struct failure){ 0 }));
	leaves_nothing(o, true);
	strcpy(v.last_modified, "Sun, 06 Nov 1994 08:49:37 GMT");
	made_write(o = plain(), 0, "abc");
	cr_assert(output_suspend(o));
	cr_assert(output_open(o, 3, NULL, &v, &(struct failure){ 0 }));
	cr_assert_str_eq(output_abandon(o, true), folder_path("f.part"));
	output_free(o);
}

Test(output_part, nothing_is_kept_that_may_be_lost)
{
	struct output *o;

	made_write(o = plain(), 0, "abc");
	output_faults.close = EIO;
	leaves_nothing(o, true);
	made_write(o = plain(), 0, "abc");
	output_faults.renameat = EIO;
	leaves_nothing(o, true);
}

Test(output_part, of_scattered_bytes_those_without_a_gap_are_kept)
{
	struct output *o = plain();

	made_write(o, 0, "abc");
	output_scatter(o);
	cr_assert_eq(output_written(o), 3);
	cr_assert_eq(pwrite(stream_raw_fd(&o->sink.stream, STREAM_WRITE), "j", 1, 9), 1);
	output_placed(o, 2);
	cr_assert_eq(output_written(o), 2);
	cr_assert_str_eq(output_abandon(o, true), folder_path("f.part"));
	cr_assert_str_eq(folder_get("f.part"), "ab");
	cr_assert_str_eq(folder_get(label), text);
	output_free(o);
}

Test(output_part, scattered_bytes_are_gone_when_all_starts_over)
{
	struct output *o = plain();

	made_write(o, 0, "");
	output_scatter(o);
	cr_assert_eq(pwrite(stream_raw_fd(&o->sink.stream, STREAM_WRITE), "j", 1, 9), 1);
	cr_assert(output_suspend(o));
	made_write(o, 0, "abc");
	cr_assert_eq(output_written(o), 3);
	made_commit(o);
	cr_assert_str_eq(folder_get("f"), "abc");
	output_free(o);
}
