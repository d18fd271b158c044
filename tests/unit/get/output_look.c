/* SPDX-License-Identifier: MIT */
/* tests/unit/get/output_look.c
 * Holds: a missing folder is told at the start, or made once the body is there; a folder, a
 * socket at the name; a device or a FIFO is written as it is by -o alone; -o follows a link to a
 * file, over several, to one that is not there yet, and to a device, and not in a circle or to a
 * folder; links that others put into a shared folder are not followed where the kernel would not;
 * -O replaces a link; what is to be left alone has a number or is refused. */
#include "get_folder.h"
#include "output_made.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

TestSuite(output_look, .init = made_begin, .fini = made_end);

static const char of_the_name[] = "; -P puts files into it, -O under the URL's name";

static void link_to(const char *to, const char *name)
{
	cr_assert_eq(symlink(to, folder_path(name)), 0);
}

static void fetched(struct output *o, const char *text)
{
	made_write(o, 0, text);
	made_commit(o);
	output_free(o);
}

/* -o NAME writes FILE, and the list of names is as given. */
static void writes(const char *name, const char *file, const char *names)
{
	struct output_options options = made_options(OUTPUT_FILE, name);

	fetched(made(&options), "new");
	cr_assert_str_eq(folder_get(file), "new");
	cr_assert_str_eq(folder_list(), names);
}

Test(output_look, a_folder_that_is_not_there)
{
	struct output_options options = made_options(OUTPUT_FILE, "a/b/f");
	char text[300];

	snprintf(text, sizeof text, "there is no folder %s; --create-dirs makes it",
		 folder_path("a/b/"));
	made_says(made_not(&options), "a/b/f", text);
	folder_put("a", "");
	made_says(made_not(&options), "a/b/f", "the folder: Not a directory");
}

Test(output_look, is_made_once_the_body_is_there)
{
	struct output_options options = made_options(OUTPUT_FILE, "a/b/f");
	struct output *o;

	options.create_dirs = true;
	o = made(&options);
	cr_assert_str_eq(folder_list(), "");
	fetched(o, "new");
	cr_assert_str_eq(folder_get("a/b/f"), "new");
}

Test(output_look, what_has_come_into_it_meanwhile_is_seen)
{
	struct output_options options = made_options(OUTPUT_FILE, "a/f");
	struct output *o;

	options.create_dirs = options.no_clobber = true;
	o = made(&options);
	mkdir(folder_path("a"), 0777);
	folder_put("a/f", "old");
	fetched(o, "new");
	cr_assert_str_eq(folder_get("a/f"), "old");
	cr_assert_str_eq(folder_get("a/f.1"), "new");
}

Test(output_look, that_cannot_be_made)
{
	struct output_options options = made_options(OUTPUT_FILE, "a/b/f");
	struct output *o;

	options.create_dirs = true;
	o = made(&options);
	folder_put("a", "");
	made_says(made_not_open(o, 0, NULL), "a/b", "making the folder: Not a directory");
	output_free(o);
}

Test(output_look, a_folder_at_the_name)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");
	char text[100];

	mkdir(folder_path("f"), 0777);
	mkdir(folder_path("name.bin"), 0777);
	snprintf(text, sizeof text, "is a folder%s", of_the_name);
	made_says(made_not(&options), "f", text);
	link_to("f", "link");
	options.file = "link";
	made_says(made_not(&options), "link", text);
	options.naming = OUTPUT_REMOTE_NAME;
	made_says(made_not(&options), "name.bin", "is a folder");
}

Test(output_look, a_socket_at_the_name)
{
	struct output_options options = made_options(OUTPUT_FILE, "name.bin");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", folder_path("name.bin"));
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	made_says(made_not(&options), "name.bin", "is no regular file but a socket");
	options.naming = OUTPUT_REMOTE_NAME;
	made_says(made_not(&options), "name.bin", "is no regular file but a socket");
	close(fd);
}

Test(output_look, a_fifo_is_for_the_user_to_name)
{
	struct output_options options = made_options(OUTPUT_REMOTE_NAME, NULL);
	struct output *o;

	cr_assert_eq(mkfifo(folder_path("name.bin"), 0666), 0);
	made_says(made_not(&options), "name.bin", "is no regular file; -o writes to it as it is");
	options.naming = OUTPUT_FILE;
	options.file = "name.bin";
	options.no_clobber = true;
	o = made(&options);
	cr_assert_eq(o->kind, OUTPUT_TO_SPECIAL);
	cr_assert_not(output_is_regular(o));
	output_free(o);
}

Test(output_look, a_link_to_a_file)
{
	folder_put("file", "old");
	link_to("file", "link");
	writes("link", "file", "file link");
}

Test(output_look, a_link_to_an_absolute_name)
{
	folder_put("file", "old");
	link_to(folder_path("file"), "link");
	writes("link", "file", "file link");
}

Test(output_look, a_link_to_a_link_in_another_folder)
{
	struct output_options options = made_options(OUTPUT_FILE, "one");

	mkdir(folder_path("sub"), 0777);
	folder_put("sub/file", "old");
	link_to("file", "sub/two");
	link_to("sub/two", "one");
	fetched(made(&options), "new");
	cr_assert_str_eq(folder_get("sub/file"), "new");
	cr_assert_str_eq(folder_list(), "one sub");
}

Test(output_look, a_link_to_what_is_not_there_yet)
{
	link_to("file", "link");
	writes("link", "file", "file link");
}

Test(output_look, a_link_to_a_folder_that_is_not_there)
{
	struct output_options options = made_options(OUTPUT_FILE, "link");
	char text[300];

	link_to("sub/file", "link");
	snprintf(text, sizeof text, "there is no folder %s; --create-dirs makes it",
		 folder_path("sub/"));
	made_says(made_not(&options), "sub/file", text);
	options.create_dirs = true;
	fetched(made(&options), "new");
	cr_assert_str_eq(folder_get("sub/file"), "new");
}

Test(output_look, a_link_to_itself)
{
	struct output_options options = made_options(OUTPUT_FILE, "link");

	link_to("link", "link");
	made_says(made_not(&options), "link", "Too many levels of symbolic links");
}

Test(output_look, a_link_to_a_device)
{
	struct output_options options = made_options(OUTPUT_FILE, "link");
	struct output *o;

	link_to("/dev/null", "link");
	o = made(&options);
	cr_assert_eq(o->kind, OUTPUT_TO_SPECIAL);
	fetched(o, "gone");
	cr_assert_str_eq(folder_list(), "link");
}

/* proc(5), protected_symlinks: followed by nobody but its owner in a folder like /tmp. */
Test(output_look, a_link_that_must_not_be_followed)
{
	struct output_options options = made_options(OUTPUT_FILE, "shared/link");
	char on = '0';
	int fd = open("/proc/sys/fs/protected_symlinks", O_RDONLY);

	if (fd >= 0)
		(void)!read(fd, &on, 1);
	if (on != '1' || geteuid() != 0)
		cr_skip_test("links are followed here, or there is nobody else to make one");
	mkdir(folder_path("shared"), 0777);
	cr_assert_eq(chmod(folder_path("shared"), 01777), 0);
	cr_assert_eq(chmod(folder_path(""), 0711), 0);
	link_to("file", "shared/link");
	cr_assert_eq(lchown(folder_path("shared/link"), 65534, 65534), 0);
	made_says(made_not(&options), "shared/link", "Permission denied");
	folder_put("shared/file", "old");
	made_says(made_not(&options), "shared/link", "Permission denied");
	cr_assert_str_eq(folder_get("shared/file"), "old");
}

Test(output_look, from_the_network_a_link_is_replaced)
{
	struct output_options options = made_options(OUTPUT_REMOTE_NAME, NULL);

	folder_put("precious", "old");
	link_to("precious", "name.bin");
	fetched(made(&options), "new");
	cr_assert_str_eq(folder_get("name.bin"), "new");
	cr_assert_str_eq(folder_get("precious"), "old");
	cr_assert_str_eq(folder_list(), "name.bin precious");
}

Test(output_look, from_the_network_a_link_to_a_folder_is_replaced_too)
{
	struct output_options options = made_options(OUTPUT_REMOTE_NAME, NULL);

	mkdir(folder_path("sub"), 0777);
	link_to("sub", "name.bin");
	fetched(made(&options), "new");
	cr_assert_str_eq(folder_get("name.bin"), "new");
}

Test(output_look, what_is_left_alone_has_a_number)
{
	struct output_options options = made_options(OUTPUT_FILE, "link");

	options.no_clobber = true;
	folder_put("file", "old");
	link_to("file", "link");
	link_to("nowhere", "dangling");
	fetched(made(&options), "new");
	options.file = "dangling";
	fetched(made(&options), "new");
	options.file = "file";
	fetched(made(&options), "new");
	cr_assert_str_eq(folder_list(), "dangling dangling.1 file file.1 link link.1");
	cr_assert_str_eq(folder_get("file"), "old");
}

Test(output_look, from_the_server_nothing_is_overwritten)
{
	struct output_options options = made_options(OUTPUT_DISPOSITION, NULL);
	struct output *o = made(&options);

	folder_put("d", "old");
	made_says(made_not_open(o, 0, "d"), "d",
		  "exists, and -J never overwrites; --no-clobber numbers it, -o names another");
	output_free(o);
	options.no_clobber = true;
	o = made(&options);
	cr_assert(output_open(o, 0, "d", NULL, &(struct failure){ 0 }));
	made_commit(o);
	output_free(o);
	cr_assert_str_eq(folder_list(), "d d.1");
	cr_assert_str_eq(folder_get("d"), "old");
}

Test(output_look, the_time_of_what_is_there)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");
	struct output *o = made(&options);
	int64_t modified = 7;

	cr_assert_not(output_target_time(o, &modified));
	output_free(o);
	folder_put("f", "");
	cr_assert_eq(utimensat(AT_FDCWD, folder_path("f"),
			       (struct timespec[]){ { 1, 0 }, { 784111777, 5 } }, 0),
		     0);
	o = made(&options);
	cr_assert(output_target_time(o, &modified));
	cr_assert_eq(modified, 784111777);
	output_free(o);
}
