/* SPDX-License-Identifier: MIT */
/* tests/unit/get/output_name.c
 * Holds: "-", /dev/stdout and descriptor 1 by its names are standard output, other numbers
 * inherited descriptors; -P stands in front of relative names only; a name that is a folder's, an
 * empty one; -O takes the URL's last segment, decoded, and only if it is a safe name; -J what the
 * server says without its folders, else the URL's, else none; numbers are counted from the
 * unnumbered name up to a hundred. */
#include "get_folder.h"
#include "output_made.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

TestSuite(output_name, .init = made_begin, .fini = made_end);

static void is_stdout(const char *file)
{
	struct output_options options = made_options(OUTPUT_FILE, file);
	struct output *o = made(&options);

	cr_assert_eq(o->kind, OUTPUT_TO_STDOUT);
	cr_assert_str_eq(output_name(o), "standard output");
	cr_assert_not(output_is_regular(o));
	output_free(o);
}

Test(output_name, standard_output)
{
	struct output_options options = made_options(OUTPUT_STDOUT, NULL);
	struct output *o = made(&options);

	cr_assert_str_eq(output_name(o), "standard output");
	output_free(o);
	is_stdout("-");
	is_stdout("/dev/stdout");
	is_stdout("/dev/fd/1");
	is_stdout("/proc/self/fd/1");
}

static void is_descriptor(const char *file, int descriptor)
{
	struct output_options options = made_options(OUTPUT_FILE, file);
	struct output *o = made(&options);

	cr_assert_eq(o->kind, OUTPUT_TO_SPECIAL);
	cr_assert_eq(o->descriptor, descriptor);
	cr_assert_str_eq(output_name(o), file);
	output_free(o);
}

Test(output_name, inherited_descriptors)
{
	is_descriptor("/dev/stderr", 2);
	is_descriptor("/dev/fd/2", 2);
	is_descriptor("/dev/fd/63", 63);
	is_descriptor("/proc/self/fd/7", 7);
}

static void is_file(struct output_options options, const char *name)
{
	struct output *o = made(&options);

	cr_assert_eq(o->kind, OUTPUT_TO_FILE);
	cr_assert_str_eq(output_name(o), name);
	cr_assert(output_is_regular(o));
	output_free(o);
}

Test(output_name, a_directory_stands_in_front_of_relative_names)
{
	const char *absolute = folder_path("abs");
	struct output_options options = made_options(OUTPUT_FILE, "f");
	char text[200];

	snprintf(text, sizeof text, "%sf", options.directory);
	is_file(options, text);
	options.file = absolute;
	is_file(options, absolute);
	snprintf(text, sizeof text, "%ssub", options.directory);
	mkdir(text, 0777);
	options.directory = text;
	options.file = "f";
	is_file(options, folder_path("sub/f"));
	cr_assert_eq(chdir(text), 0);
	options.directory = NULL;
	is_file(options, "f");
	options.directory = "";
	is_file(options, "f");
	options.file = "../g";
	is_file(options, "../g");
}

static void is_no_name(const char *file)
{
	struct output_options options = made_options(OUTPUT_FILE, file);
	char text[300];

	options.directory = NULL;
	snprintf(text, sizeof text,
		 "%s: names a folder; -P puts files into it, -O under the URL's name", file);
	cr_assert_str_eq(made_not(&options)->text, text);
	cr_assert_eq(made_not(&options)->class, FAILURE_OUTPUT);
}

Test(output_name, names_of_folders)
{
	struct output_options options = made_options(OUTPUT_FILE, "");

	is_no_name("/");
	is_no_name("a/");
	is_no_name(".");
	is_no_name("..");
	is_no_name("a/.");
	is_no_name("/tmp/..");
	cr_assert_str_eq(made_not(&options)->text, "-o: an empty name is no file");
	cr_assert_eq(made_not(&options)->class, FAILURE_USAGE);
}

static void takes(const char *url, const char *name)
{
	struct output_options options = made_options(OUTPUT_REMOTE_NAME, NULL);
	struct output *o = made_for(&options, url);

	cr_assert_str_eq(o->base, name);
	output_free(o);
}

static void takes_none(const char *url)
{
	struct output_options options = made_options(OUTPUT_REMOTE_NAME, NULL);
	const struct failure *why = made_not_for(&options, url);
	char text[300];

	snprintf(text, sizeof text, "%s: no name for a file in it; -o names one", url);
	cr_assert_str_eq(why->text, text);
	cr_assert_eq(why->class, FAILURE_USAGE);
}

Test(output_name, the_last_segment_of_an_url)
{
	takes("http://h/a/b.txt", "b.txt");
	takes("http://h/a/b.txt?q=/c", "b.txt");
	takes("http://h/a%20b", "a b");
	takes("http://h/x%2fy", "y");
	takes_none("http://h/");
	takes_none("http://h/a/");
	takes_none("http://h/.bashrc");
	takes_none("http://h/a%0ab");
	takes_none("http://h/%1bm");
	takes_none("http://h/a%2f");
	cr_assert_str_eq(folder_list(), "");
}

static void proposes(const char *disposition, const char *url, const char *name)
{
	struct output_options options = made_options(OUTPUT_DISPOSITION, NULL);
	struct output *o = made_for(&options, url);
	struct failure why = { 0 };

	cr_assert_eq(output_name(o), NULL);
	cr_assert(output_is_regular(o));
	cr_assert(output_open(o, 0, disposition, NULL, &why), "%s", why.text);
	cr_assert_str_eq(o->base, name);
	cr_assert_str_eq(output_name(o), folder_path(name) ? o->path : "");
	output_free(o);
}

Test(output_name, what_the_server_proposes)
{
	proposes("d.bin", "http://h/u.bin", "d.bin");
	proposes("../../etc/d.bin", "http://h/u.bin", "d.bin");
	proposes("..\\d.bin", "http://h/u.bin", "d.bin");
	proposes(NULL, "http://h/u.bin", "u.bin");
	proposes(".bashrc", "http://h/u.bin", "u.bin");
	proposes("", "http://h/u.bin", "u.bin");
	proposes("a\033[1m", "http://h/u.bin", "u.bin");
}

Test(output_name, neither_names_one)
{
	struct output_options options = made_options(OUTPUT_DISPOSITION, NULL);
	struct output *o = made_for(&options, "http://h/");
	const struct failure *why = made_not_open(o, 0, "..");

	cr_assert_eq(why->class, FAILURE_OUTPUT);
	cr_assert_str_eq(why->text, "neither the server nor the URL names a file; -o names one");
	output_free(o);
}

Test(output_name, a_taken_name_gets_a_number)
{
	struct output_options options = made_options(OUTPUT_FILE, "f.1");
	struct output *o;

	options.no_clobber = true;
	is_file(options, folder_path("f.1"));
	folder_put("f.1", "");
	is_file(options, folder_path("f.1.1"));
	folder_put("f.1.1", "");
	cr_assert_eq(symlink("nowhere", folder_path("f.1.2")), 0);
	mkdir(folder_path("f.1.3"), 0777);
	o = made(&options);
	cr_assert_str_eq(o->base, "f.1.4");
	made_write(o, 0, "new");
	made_commit(o);
	cr_assert_str_eq(folder_list(), "f.1 f.1.1 f.1.2 f.1.3 f.1.4");
	cr_assert_str_eq(folder_get("f.1.4"), "new");
	output_free(o);
}

Test(output_name, numbers_end_at_a_hundred)
{
	struct output_options options = made_options(OUTPUT_REMOTE_NAME, NULL);
	char name[30];

	options.no_clobber = true;
	folder_put("name.bin", "");
	for (int i = 1; i <= 99; i++) {
		snprintf(name, sizeof name, "name.bin.%d", i);
		folder_put(name, "");
	}
	is_file(options, folder_path("name.bin.100"));
	folder_put("name.bin.100", "");
	made_says(made_not(&options), "name.bin",
		  "exists, and so do its numbers up to .100; -o names another");
}
