/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_path.c
 * Holds: paths without a slash in front, dot segments resolved whether encoded or not, empty
 * segments left out; decoded once; ".." above the folder, NULs and malformed percent signs are 400,
 * encoded slashes 404, too long ones 414; backslashes and bytes that are not UTF-8 are bytes of
 * names; folders and hidden names are told; the query; absolute forms; and what goes into a
 * Location field.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/proto/http_path.h>

static struct http_path path;

static int parsed(const char *target, size_t length)
{
	memset(&path, 0xee, sizeof path);
	return http_path_parse(&path, target, length);
}

static void assert_path(const char *target, const char *name, bool folder)
{
	cr_assert_eq(parsed(target, strlen(target)), 0, "%s", target);
	cr_assert_str_eq(path.name, name);
	cr_assert_eq(path.length, strlen(name));
	cr_assert_eq(path.folder, folder, "%s", target);
}

static void assert_status(const char *target, int status)
{
	cr_assert_eq(parsed(target, strlen(target)), status, "%s", target);
}

Test(http_path, plain_ones)
{
	assert_path("/", ".", true);
	assert_path("/a", "a", false);
	assert_path("/a/", "a", true);
	assert_path("/a/b.txt", "a/b.txt", false);
	assert_path("/a/b.txt/", "a/b.txt", true);
}

Test(http_path, empty_segments_are_left_out)
{
	assert_path("//", ".", true);
	assert_path("//etc/passwd", "etc/passwd", false);
	assert_path("/a////b", "a/b", false);
}

Test(http_path, dot_segments)
{
	assert_path("/.", ".", true);
	assert_path("/./a/./b", "a/b", false);
	assert_path("/a/..", ".", true);
	assert_path("/a/../b", "b", false);
	assert_path("/a/b/..", "a", true);
	assert_path("/a/b/../../c/.", "c", true);
	assert_path("/a/%2e/b", "a/b", false);
	assert_path("/a/%2E%2e/b", "b", false);
	assert_path("/a/.%2e/b", "b", false);
	assert_path("/...", "...", false);
	assert_path("/a..", "a..", false);
}

Test(http_path, nothing_above_the_folder)
{
	assert_status("/..", 400);
	assert_status("/../etc/passwd", 400);
	assert_status("/a/../../b", 400);
	assert_status("/%2e%2e/b", 400);
	assert_status("/.//..", 400);
}

Test(http_path, very_many_steps_up)
{
	char target[8193] = "";

	for (size_t i = 0; i < 8190; i += 3)
		memcpy(target + i, "/..", 4);
	assert_status(target, 400);
	for (size_t i = 0; i < 8190; i += 3)
		memcpy(target + i, "/%2", 4);
	assert_status(target, 400);
}

Test(http_path, decoded_once)
{
	assert_path("/a%20b", "a b", false);
	assert_path("/%252e%252e/a", "%2e%2e/a", false);
	assert_path("/%25", "%", false);
	assert_path("/%41%7a", "Az", false);
}

Test(http_path, slashes_of_other_kinds)
{
	assert_status("/..%2fa", 404);
	assert_status("/a%2Fb", 404);
	assert_path("/..%5ca", "..\\a", false);
	assert_path("/..\\a", "..\\a", false);
	/* Overlong, and as such only bytes. */
	assert_path("/%c0%ae%c0%ae/a", "\xc0\xae\xc0\xae/a", false);
	assert_path("/%c0%af", "\xc0\xaf", false);
}

Test(http_path, malformed_ones)
{
	assert_status("/%", 400);
	assert_status("/%4", 400);
	assert_status("/%zz", 400);
	assert_status("/a%00b", 400);
	assert_status("/%00", 400);
	assert_status("", 400);
	assert_status("*", 400);
	assert_status("a.example:443", 400);
	assert_status("a", 400);
}

Test(http_path, bytes_of_names)
{
	assert_path("/%0a%1b", "\n\x1b", false);
	assert_path("/%e4", "\xe4", false);
	assert_path("/a+b;c", "a+b;c", false);
}

Test(http_path, the_longest)
{
	char target[HTTP_PATH_MAX + 2];

	memset(target, 'a', sizeof target);
	target[0] = '/';
	cr_assert_eq(parsed(target, HTTP_PATH_MAX), 0);
	cr_assert_eq(path.length, HTTP_PATH_MAX - 1);
	cr_assert_eq(path.name[HTTP_PATH_MAX - 1], '\0');
	cr_assert_eq(parsed(target, HTTP_PATH_MAX + 1), 414);
	/* In segments. */
	for (size_t i = 2; i < sizeof target; i += 2)
		target[i] = '/';
	cr_assert_eq(parsed(target, HTTP_PATH_MAX), 0);
	cr_assert_eq(parsed(target, HTTP_PATH_MAX + 2), 414);
}

Test(http_path, hidden_names_are_told)
{
	assert_path("/a/b.c", "a/b.c", false);
	cr_assert_not(path.hidden);
	assert_path("/.git/config", ".git/config", false);
	cr_assert(path.hidden);
	assert_path("/a/%2eenv", "a/.env", false);
	cr_assert(path.hidden);
	assert_path("/.git/../a", "a", false);
	cr_assert_not(path.hidden);
	assert_path("/", ".", true);
	cr_assert_not(path.hidden);
}

static void assert_query(const char *target, const char *name, const char *query)
{
	cr_assert_eq(parsed(target, strlen(target)), 0, "%s", target);
	cr_assert_str_eq(path.name, name);
	cr_assert_eq(path.query != NULL, query != NULL);
	if (query) {
		cr_assert_eq(path.query_length, strlen(query));
		cr_assert_not(memcmp(path.query, query, strlen(query)));
	}
}

Test(http_path, queries)
{
	assert_query("/a", "a", NULL);
	assert_query("/a?", "a", "");
	assert_query("/a?b/../c?d", "a", "b/../c?d");
	assert_query("/?%zz", ".", "%zz");
}

Test(http_path, absolute_forms)
{
	assert_path("http://a.example/b/c", "b/c", false);
	assert_path("http://a.example", ".", true);
	assert_path("http://a.example/", ".", true);
	assert_query("http://a.example?b", ".", "b");
	assert_status("http:/a", 400);
	assert_status("://a/b", 400);
}

static void assert_written(const char *target, bool slash, const char *expected)
{
	struct buffer out = { 0 };

	cr_assert_eq(parsed(target, strlen(target)), 0);
	cr_assert(http_path_write(&out, &path, slash));
	cr_assert_str_eq(buffer_text(&out), expected);
	buffer_free(&out);
}

Test(http_path, into_a_location)
{
	assert_written("/", true, "/");
	assert_written("/", false, "/");
	assert_written("//a.example/b", true, "/a.example/b/");
	assert_written("/a%20b/c%0d%0aX:", false, "/a%20b/c%0D%0AX%3A");
	assert_written("/\\a.example", false, "/%5Ca.example");
}
