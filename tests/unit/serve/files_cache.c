/* SPDX-License-Identifier: MIT */
/* Open files and what is said of them.
 * Holds: a file is opened once and said to be what it is; folders, links, fifos and what is not
 * there are told apart; what was replaced, written to or removed is seen at once; what is held
 * lives on; precompressed siblings are found, and new ones soon; names that share their places do
 * no harm; what is forgotten or cleared is closed. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/serve/files_parts.h>

static char folder[] = "/tmp/files.XXXXXX";
static struct files_options options;
static struct files files;
static struct files_entry *entry;

static void setup(void)
{
	cr_assert(mkdtemp(folder));
	files.options = &options;
	files.root = open(folder, O_RDONLY | O_DIRECTORY);
	cr_assert(files.root >= 0);
}

static void teardown(void)
{
	char command[60];

	files_cache_clear(&files);
	cr_assert_eq(files.cache.count, 0);
	close(files.root);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(files_cache, .init = setup, .fini = teardown);

static void put(const char *name, const char *text)
{
	const int fd = openat(files.root, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static size_t descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t count = 0;

	while (readdir(d))
		count++;
	closedir(d);
	return count;
}

/* What the file is said to hold. */
static const char *content(const struct files_file *file)
{
	static char text[100];
	const ssize_t n = pread(file->fd, text, sizeof text - 1, 0);

	cr_assert_eq((uint64_t)n, file->size);
	text[n] = '\0';
	return text;
}

static struct files_file *found(const char *name, int64_t now_ms)
{
	cr_assert_eq(files_cache_find(&files, name, now_ms, &entry), FILES_FILE);
	return entry->files[HTTP_ACCEPT_IDENTITY];
}

Test(files_cache, opens_a_file_once)
{
	struct files_file *file;

	put("a.txt", "text");
	file = found("a.txt", 1000);
	cr_assert_str_eq(content(file), "text");
	cr_assert_eq(found("a.txt", 1001), file);
	cr_assert_eq(found("a.txt", 1001 + FILES_FRESH_MS), file);
	cr_assert_eq(files.cache.count, 1);
	cr_assert_not(entry->varied);
	cr_assert_str_eq(file->name, "a.txt");
}

Test(files_cache, says_what_it_is)
{
	char lines[500];
	struct files_file *file;

	options.cors = true;
	put("a.txt", "text");
	file = found("a.txt", 1000);
	snprintf(lines, sizeof lines,
		 "Vary: Accept-Encoding\r\n"
		 "Access-Control-Allow-Origin: *\r\n"
		 "Access-Control-Expose-Headers: Accept-Ranges, Content-Encoding, Content-Range, "
		 "ETag\r\n"
		 "ETag: %s\r\nLast-Modified: ",
		 file->etag);
	cr_assert_eq(strncmp(file->fields, lines, strlen(lines)), 0, "%s", file->fields);
	cr_assert_eq(file->vary_length, strlen("Vary: Accept-Encoding\r\n"));
	cr_assert_eq(strncmp(file->fields + file->short_length, "Accept-Ranges: bytes\r\n", 22), 0);
	cr_assert_eq(strncmp(file->fields + file->common_length,
			     "Content-Type: text/plain; charset=utf-8\r\n",
			     file->length - file->common_length),
		     0);
	options.cors = false;
}

Test(files_cache, tells_apart_what_is_no_file)
{
	cr_assert_eq(mkdirat(files.root, "folder", 0700), 0);
	cr_assert_eq(mkfifoat(files.root, "fifo", 0600), 0);
	cr_assert_eq(symlinkat("folder", files.root, "link"), 0);
	cr_assert_eq(files_cache_find(&files, "none", 1, &entry), FILES_NONE);
	cr_assert_eq(files_cache_find(&files, "folder", 1, &entry), FILES_FOLDER);
	cr_assert_eq(files_cache_find(&files, "fifo", 1, &entry), FILES_NONE);
	cr_assert_eq(files_cache_find(&files, "link", 1, &entry), FILES_NONE);
	options.follow = true;
	cr_assert_eq(files_cache_find(&files, "link", 1, &entry), FILES_FOLDER);
	options.follow = false;
	cr_assert_eq(files.cache.count, 0);
}

Test(files_cache, knows_what_errors_mean)
{
	cr_assert_eq(files_found_of(ENOENT), FILES_NONE);
	cr_assert_eq(files_found_of(EXDEV), FILES_NONE);
	cr_assert_eq(files_found_of(EACCES), FILES_DENIED);
	cr_assert_eq(files_found_of(EMFILE), FILES_BUSY);
	cr_assert_eq(files_found_of(EIO), FILES_BROKEN);
}

Test(files_cache, sees_every_change_at_once)
{
	put("a", "1");
	cr_assert_str_eq(content(found("a", 1000)), "1");
	put("b", "22");
	cr_assert_eq(renameat(files.root, "b", files.root, "a"), 0);
	cr_assert_str_eq(content(found("a", 1000)), "22");
	put("a", "333");
	cr_assert_str_eq(content(found("a", 1000)), "333");
	cr_assert_eq(unlinkat(files.root, "a", 0), 0);
	cr_assert_eq(files_cache_find(&files, "a", 1000, &entry), FILES_NONE);
	cr_assert_eq(files.cache.count, 0);
	cr_assert_eq(mkdirat(files.root, "a", 0700), 0);
	cr_assert_eq(files_cache_find(&files, "a", 1000, &entry), FILES_FOLDER);
}

Test(files_cache, does_not_follow_a_link_put_in_the_place_of_a_file)
{
	put("a", "1");
	found("a", 1000);
	cr_assert_eq(renameat(files.root, "a", files.root, "b"), 0);
	cr_assert_eq(symlinkat("b", files.root, "a"), 0);
	cr_assert_eq(files_cache_find(&files, "a", 1000, &entry), FILES_NONE);
}

Test(files_cache, keeps_what_is_held)
{
	const size_t before = descriptors();
	struct files_file *file;

	put("a", "1");
	file = files_file_hold(found("a", 1000));
	put("b", "22");
	cr_assert_eq(renameat(files.root, "b", files.root, "a"), 0);
	cr_assert_str_eq(content(found("a", 1000)), "22");
	files_cache_clear(&files);
	cr_assert_str_eq(content(file), "1");
	files_file_drop(file);
	files_file_drop(NULL);
	cr_assert_eq(descriptors(), before);
}

Test(files_cache, finds_precompressed_siblings)
{
	struct files_file *gzip;

	put("a.css", "plain");
	found("a.css", 1000);
	put("a.css.gz", "zipped");
	found("a.css", 1000 + FILES_FRESH_MS);
	cr_assert(entry->varied);
	gzip = entry->files[HTTP_ACCEPT_GZIP];
	cr_assert_str_eq(content(gzip), "zipped");
	cr_assert(strstr(gzip->fields, "Content-Encoding: gzip\r\nContent-Type: text/css"));
	cr_assert_null(entry->files[HTTP_ACCEPT_BROTLI]);
	put("a.css.gz", "again");
	found("a.css", 1001 + FILES_FRESH_MS);
	cr_assert_str_eq(content(entry->files[HTTP_ACCEPT_GZIP]), "again");
	cr_assert_eq(unlinkat(files.root, "a.css.gz", 0), 0);
	found("a.css", 1002 + FILES_FRESH_MS);
	cr_assert_not(entry->varied);
	cr_assert_null(entry->files[HTTP_ACCEPT_GZIP]);
}

Test(files_cache, holds_a_bounded_number)
{
	const size_t before = descriptors();
	char name[20];

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 2 * FILES_SLOTS; i++) {
			snprintf(name, sizeof name, "f%d", i);
			if (round == 0)
				put(name, name);
			cr_assert_str_eq(content(found(name, 1000 + i)), name);
			cr_assert_leq(files.cache.count, FILES_SLOTS);
			cr_assert_eq(descriptors(), before + files.cache.count);
		}
	files_cache_forget(&files, name);
	files_cache_forget(&files, "none");
	cr_assert_eq(descriptors(), before + files.cache.count);
	files_cache_clear(&files);
	cr_assert_eq(descriptors(), before);
}
