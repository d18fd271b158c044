/* SPDX-License-Identifier: MIT */
/* tests/unit/get/output_commit.c
 * Holds: the target is the old file until the new one is whole, forced to disk once and renamed
 * over it, links to it kept apart; permissions are handed on, never set-user-ID, the owner where it
 * can be, and where the group cannot, not what only the group could; the file's time is set or
 * left; what fsync, close and rename say is a failure and leaves no temporary file, but a whole
 * part; what must not be overwritten is not, even if it came at the last moment. */
#include "get_folder.h"
#include "output_faults.h"
#include "output_made.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

TestSuite(output_commit, .init = made_begin, .fini = made_end);

static struct output *written(const char *text)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");
	struct output *o = made(&options);

	made_write(o, 0, text);
	return o;
}

static struct output *written_part(const char *text)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");
	struct output *o;

	options.continuing = true;
	o = made(&options);
	made_write(o, 0, text);
	return o;
}

static struct stat target(void)
{
	struct stat status;

	cr_assert(folder_stat("f", &status));
	return status;
}

static void put(const char *text, mode_t mode)
{
	folder_put("f", text);
	cr_assert_eq(chmod(folder_path("f"), mode), 0);
}

Test(output_commit, a_new_file)
{
	struct output *o = written("new");

	cr_assert_not(folder_has("f"));
	made_commit(o);
	cr_assert_str_eq(folder_list(), "f");
	cr_assert_str_eq(folder_get("f"), "new");
	cr_assert_eq(target().st_mode, S_IFREG | 0666);
	cr_assert_eq(output_faults.fsyncs, 1);
	cr_assert_eq(output_faults.renames, 1);
	output_free(o);
	cr_assert_str_eq(folder_list(), "f");
}

Test(output_commit, an_old_file_is_there_until_the_new_one_is)
{
	struct output *o;

	put("old", 0644);
	cr_assert_eq(link(folder_path("f"), folder_path("other")), 0);
	o = written("new");
	cr_assert_str_eq(folder_get("f"), "old");
	made_commit(o);
	cr_assert_str_eq(folder_get("f"), "new");
	cr_assert_str_eq(folder_get("other"), "old");
	output_free(o);
}

static void hands_on(mode_t old, mode_t new)
{
	struct output *o;

	put("old", old);
	o = written("new");
	made_commit(o);
	output_free(o);
	cr_assert_eq(target().st_mode, S_IFREG | new, "%o gives %o", old, target().st_mode);
	cr_assert_eq(unlink(folder_path("f")), 0);
}

Test(output_commit, permissions_are_handed_on)
{
	umask(077);
	hands_on(0600, 0600);
	hands_on(0640, 0640);
	hands_on(0777, 0777);
	hands_on(0606, 0606);
	hands_on(04755, 0755);
	hands_on(02775, 0775);
}

Test(output_commit, a_part_gets_them_too)
{
	struct output *o;

	put("old", 0640);
	o = written_part("new");
	made_commit(o);
	cr_assert_eq(target().st_mode, S_IFREG | 0640);
	output_free(o);
}

Test(output_commit, root_hands_on_the_owner)
{
	struct output *o;

	if (geteuid() != 0)
		cr_skip_test("only root can");
	put("old", 0640);
	cr_assert_eq(chown(folder_path("f"), 65534, 65533), 0);
	o = written("new");
	made_commit(o);
	cr_assert_eq(target().st_uid, 65534);
	cr_assert_eq(target().st_gid, 65533);
	cr_assert_eq(target().st_mode, S_IFREG | 0640);
	output_free(o);
}

/* As a user who is in none of the file's groups, but may write to the folder and the file. */
static void as_somebody(mode_t old, gid_t group)
{
	if (geteuid() != 0)
		cr_skip_test("only root can become somebody else");
	put("old", old);
	cr_assert_eq(chown(folder_path("f"), 65531, 65532), 0);
	cr_assert_eq(chmod(folder_path(""), 0777), 0);
	cr_assert_eq(setgroups(group != 0, &group), 0);
	cr_assert_eq(setegid(65533), 0);
	cr_assert_eq(seteuid(65534), 0);
}

static void as_root(void)
{
	cr_assert_eq(seteuid(0), 0);
}

Test(output_commit, what_only_the_group_could_another_cannot)
{
	struct output *o;

	as_somebody(0662, 0);
	o = written("new");
	made_commit(o);
	output_free(o);
	as_root();
	cr_assert_eq(target().st_uid, 65534);
	cr_assert_eq(target().st_gid, 65533);
	cr_assert_eq(target().st_mode, S_IFREG | 0622);
}

Test(output_commit, a_member_hands_on_the_group)
{
	struct output *o;

	as_somebody(0662, 65532);
	o = written("new");
	made_commit(o);
	output_free(o);
	as_root();
	cr_assert_eq(target().st_uid, 65534);
	cr_assert_eq(target().st_gid, 65532);
	cr_assert_eq(target().st_mode, S_IFREG | 0662);
}

Test(output_commit, what_may_not_be_written_is_not_replaced)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");
	struct output *o;

	put("old", 0444);
	if (geteuid() == 0) {
		cr_assert_eq(chmod(folder_path(""), 0777), 0);
		cr_assert_eq(seteuid(65534), 0);
	}
	o = made(&options);
	made_says(made_not_open(o, 0, NULL), "f", "Permission denied");
	output_free(o);
	(void)!seteuid(0);
	cr_assert_str_eq(folder_get("f"), "old");
	cr_assert_str_eq(folder_list(), "f");
}

Test(output_commit, the_time_of_the_file)
{
	struct failure why = { 0 };
	struct output *o = written("new");
	time_t now = time(NULL);

	cr_assert(output_commit(o, 784111777, &why));
	cr_assert_eq(target().st_mtime, 784111777);
	cr_assert_geq(target().st_atime, now - 5);
	output_free(o);
	o = written("newer");
	cr_assert(output_commit(o, -1, &why));
	cr_assert_geq(target().st_mtime, now - 5);
	output_free(o);
	o = written("oldest");
	cr_assert(output_commit(o, 0, &why));
	cr_assert_eq(target().st_mtime, 0);
	output_free(o);
}

Test(output_commit, what_fsync_says)
{
	struct output *o = written("new");

	output_faults.fsync = ENOSPC;
	made_says(made_not_commit(o), "f", "No space left on device");
	cr_assert_str_eq(folder_list(), "");
	output_free(o);
	o = written_part("new");
	output_faults.fsync = EIO;
	made_says(made_not_commit(o), "f", "Input/output error");
	cr_assert_str_eq(folder_list(), "");
	cr_assert_eq(output_abandon(o, true), NULL);
	output_free(o);
	o = written("new");
	output_faults.fsync = EINVAL;
	made_commit(o);
	output_free(o);
}

Test(output_commit, what_close_says)
{
	struct output *o = written("new");

	output_faults.close = EDQUOT;
	made_says(made_not_commit(o), "f", "Disk quota exceeded");
	cr_assert_str_eq(folder_list(), "");
	output_free(o);
	o = written_part("new");
	output_faults.close = EIO;
	made_says(made_not_commit(o), "f", "Input/output error");
	cr_assert_str_eq(folder_list(), "");
	output_free(o);
}

Test(output_commit, what_rename_says)
{
	struct output *o = written("new");

	put("old", 0644);
	output_faults.renameat = EACCES;
	made_says(made_not_commit(o), "f", "renaming what came to it: Permission denied");
	cr_assert_str_eq(folder_list(), "f");
	cr_assert_str_eq(folder_get("f"), "old");
	output_free(o);
}

Test(output_commit, a_folder_that_took_the_name)
{
	struct output *o = written("new");

	mkdir(folder_path("f"), 0777);
	made_says(made_not_commit(o), "f", "renaming what came to it: Is a directory");
	cr_assert_str_eq(folder_list(), "f");
	output_free(o);
}

Test(output_commit, a_whole_part_that_only_could_not_be_renamed_stays)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");
	struct validator found;
	struct output *o = written_part("0123456789");
	bool foreign;

	output_faults.renameat = EACCES;
	made_says(made_not_commit(o), "f", "renaming what came to it: Permission denied");
	output_faults.renameat = 0;
	output_free(o);
	cr_assert_str_eq(folder_list(), "f.part f.part.validator");
	options.continuing = true;
	o = made(&options);
	cr_assert_eq(output_held(o, &found, &foreign), 10);
	made_write(o, 10, "");
	made_commit(o);
	cr_assert_str_eq(folder_list(), "f");
	cr_assert_str_eq(folder_get("f"), "0123456789");
	output_free(o);
}

Test(output_commit, what_came_at_the_last_moment_gets_no_other_content)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");
	struct output *o;

	options.no_clobber = true;
	o = made(&options);
	made_write(o, 0, "new");
	folder_put("f", "old");
	folder_put("f.1", "old");
	made_commit(o);
	cr_assert_str_eq(folder_list(), "f f.1 f.2");
	cr_assert_str_eq(folder_get("f"), "old");
	cr_assert_str_eq(folder_get("f.2"), "new");
	cr_assert_str_eq(output_name(o), folder_path("f.2"));
	output_free(o);
}

Test(output_commit, from_the_server_nor_that)
{
	struct output_options options = made_options(OUTPUT_DISPOSITION, NULL);
	struct output *o = made(&options);

	cr_assert(output_open(o, 0, "f", NULL, &(struct failure){ 0 }));
	folder_put("f", "old");
	made_says(made_not_commit(o), "f", "renaming what came to it: File exists");
	cr_assert_str_eq(folder_list(), "f");
	cr_assert_str_eq(folder_get("f"), "old");
	output_free(o);
}

Test(output_commit, where_there_are_no_hard_links)
{
	struct output_options options = made_options(OUTPUT_DISPOSITION, NULL);
	struct output *o = made(&options);

	output_faults.linkat = EPERM;
	cr_assert(output_open(o, 0, "f", NULL, &(struct failure){ 0 }));
	made_commit(o);
	cr_assert_str_eq(folder_list(), "f");
	output_free(o);
	o = made(&options);
	made_says(made_not_open(o, 0, "f"), "f",
		  "exists, and -J never overwrites; --no-clobber numbers it, -o names another");
	output_free(o);
}
