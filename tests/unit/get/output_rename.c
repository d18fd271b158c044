/* SPDX-License-Identifier: MIT */
/* tests/unit/get/output_rename.c
 * Holds: a free name is taken; one that is there is not touched, whatever it is; a file that is
 * not there is told, and its new name stays free; the same where there are no hard links. */
#include "get_folder.h"
#include "output_faults.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <sockutil/get/output_parts.h>

static int at;

static void begin(void)
{
	folder_begin();
	at = open(folder_path(""), O_RDONLY | O_DIRECTORY);
	folder_put("from", "new");
}

static void end(void)
{
	close(at);
	folder_end();
}

TestSuite(output_rename, .init = begin, .fini = end);

Test(output_rename, a_free_name_is_taken)
{
	cr_assert_eq(output_rename_new(at, "from", "to"), 0);
	cr_assert_str_eq(folder_list(), "to");
	cr_assert_str_eq(folder_get("to"), "new");
}

Test(output_rename, what_is_there_stays)
{
	folder_put("to", "old");
	cr_assert_eq(output_rename_new(at, "from", "to"), EEXIST);
	cr_assert_str_eq(folder_list(), "from to");
	cr_assert_str_eq(folder_get("to"), "old");
}

Test(output_rename, a_link_that_leads_nowhere_is_there_too)
{
	cr_assert_eq(symlink("nowhere", folder_path("to")), 0);
	cr_assert_eq(output_rename_new(at, "from", "to"), EEXIST);
	cr_assert_str_eq(folder_list(), "from to");
}

Test(output_rename, nothing_to_rename)
{
	cr_assert_eq(output_rename_new(at, "nothing", "to"), ENOENT);
	cr_assert_str_eq(folder_list(), "from");
}

Test(output_rename, without_hard_links)
{
	unsigned descriptors = folder_descriptors();

	output_faults.linkat = EPERM;
	cr_assert_eq(output_rename_new(at, "from", "to"), 0);
	cr_assert_str_eq(folder_list(), "to");
	cr_assert_str_eq(folder_get("to"), "new");
	folder_put("other", "newer");
	cr_assert_eq(output_rename_new(at, "other", "to"), EEXIST);
	cr_assert_str_eq(folder_get("to"), "new");
	cr_assert_eq(output_rename_new(at, "nothing", "free"), ENOENT);
	cr_assert_str_eq(folder_list(), "other to");
	cr_assert_eq(folder_descriptors(), descriptors);
}
