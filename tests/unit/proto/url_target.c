/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/url_target.c
 * Holds: a target starts with a slash and has no fragment; what RFC 3986 does not allow in path and
 * query is percent-encoded, what is encoded stays, stray percent signs too; dot segments go from
 * the path alone; nothing is over the limit; a query is added behind another; the last segment is
 * decoded as it stands; encoding leaves the unreserved characters alone.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/proto/url.h>

static struct url url;
static struct failure why;

static const char *target(const char *text)
{
	static char all[3 * URL_MAX];

	snprintf(all, sizeof(all), "http://h%s", text);
	why = (struct failure){ 0 };
	if (!url_parse(&url, all, &why))
		return strstr(why.text, "\": ") + 3;
	cr_assert_eq(url.path_length, strcspn(url.target, "?"));
	return url.target;
}

Test(url_target, starts_with_a_slash)
{
	cr_assert_str_eq(target(""), "/");
	cr_assert_str_eq(target("/"), "/");
	cr_assert_str_eq(target("?"), "/?");
	cr_assert_str_eq(target("?x"), "/?x");
	cr_assert_str_eq(target("#x"), "/");
	cr_assert_str_eq(target("/a#b?c#d"), "/a");
	cr_assert_str_eq(target("/a?b#c?d"), "/a?b");
	cr_assert_str_eq(target("/a?b?c/d"), "/a?b?c/d");
	cr_assert_str_eq(target("//a//b"), "//a//b");
}

Test(url_target, is_encoded_where_it_must_be)
{
	cr_assert_str_eq(target("/\303\244?\377"), "/%C3%A4?%FF");
	cr_assert_str_eq(target("/\"<>[]^`{|}?\"<>[]^`{|}"),
			 "/%22%3C%3E%5B%5D%5E%60%7B%7C%7D?%22%3C%3E%5B%5D%5E%60%7B%7C%7D");
	cr_assert_str_eq(target("/az09-._~!$&'()*+,;=:@/x?az09-._~!$&'()*+,;=:@/?x"),
			 "/az09-._~!$&'()*+,;=:@/x?az09-._~!$&'()*+,;=:@/?x");
	cr_assert_str_eq(target("/%00%2f%2F?%23%0a"), "/%00%2f%2F?%23%0a");
	cr_assert_str_eq(target("/100%?%zz%4"), "/100%?%zz%4");
	cr_assert_str_eq(target("/%2e%2e/x"), "/%2e%2e/x");
}

Test(url_target, has_no_dot_segments)
{
	cr_assert_str_eq(target("/a/b/c/./../../g"), "/a/g");
	cr_assert_str_eq(target("/mid/content=5/../6"), "/mid/6");
	cr_assert_str_eq(target("/."), "/");
	cr_assert_str_eq(target("/.."), "/");
	cr_assert_str_eq(target("/../"), "/");
	cr_assert_str_eq(target("/a/.."), "/");
	cr_assert_str_eq(target("/a/../"), "/");
	cr_assert_str_eq(target("/a/."), "/a/");
	cr_assert_str_eq(target("/../../../a"), "/a");
	cr_assert_str_eq(target("/a//../b"), "/a/b");
	cr_assert_str_eq(target("//..//x/.."), "//");
	cr_assert_str_eq(target("/.../..a/a../.a"), "/.../..a/a../.a");
	cr_assert_str_eq(target("/a?/../b"), "/a?/../b");
	cr_assert_str_eq(target("/a/..?x"), "/?x");
}

Test(url_target, is_bounded)
{
	char text[2 * URL_MAX];

	snprintf(text, sizeof(text), "/%08190d", 0);
	cr_assert_eq(strlen(target(text)), URL_MAX - 1);
	snprintf(text, sizeof(text), "/%08191d", 0);
	cr_assert_str_eq(target(text), "path and query have more than 8191 bytes");
	snprintf(text, sizeof(text), "/%08187d\377", 0);
	cr_assert_eq(strlen(target(text)), URL_MAX - 1);
	snprintf(text, sizeof(text), "/%08188d\377", 0);
	cr_assert_str_eq(target(text), "path and query have more than 8191 bytes");
	snprintf(text, sizeof(text), "?%08190d", 0);
	cr_assert_str_eq(target(text), "path and query have more than 8191 bytes");
	snprintf(text, sizeof(text), "/x#%09000d", 0);
	cr_assert_str_eq(target(text), "/x");
}

Test(url_target, a_long_base_and_a_long_reference_do_not_fit)
{
	static struct url out;
	char text[URL_MAX];

	snprintf(text, sizeof(text), "/%05000d/", 0);
	target(text);
	cr_assert(!url_resolve(&out, &url, text + 1, strlen(text) - 1, &why));
	cr_assert(strstr(why.text, "path and query have more than 8191 bytes"));
	cr_assert(url_resolve(&out, &url, text, strlen(text), &why));
	cr_assert_str_eq(out.target, text);
}

static const char *added(const char *to, const char *query, size_t length)
{
	target(to);
	why = (struct failure){ 0 };
	return url_add_query(&url, query, length, &why) ? url.target : why.text;
}

Test(url_target, a_query_is_added)
{
	char text[URL_MAX];

	cr_assert_str_eq(added("/a", "b=c", 3), "/a?b=c");
	cr_assert_str_eq(added("/a?x", "b=c", 3), "/a?x&b=c");
	cr_assert_str_eq(added("/a?", "b=c", 3), "/a?&b=c");
	cr_assert_str_eq(added("/a", "b c\r\n#\0\\\xff%41%", 13), "/a?b%20c%0D%0A%23%00%5C%FF%41%");
	cr_assert_eq(url.path_length, 2);
	snprintf(text, sizeof(text), "/%08180d", 0);
	cr_assert_str_eq(added(text, "123456789", 9) + 8181, "?123456789");
	cr_assert_str_eq(added(text, "1234567890", 10), "path and query have more than 8191 bytes");
	cr_assert_eq(why.class, FAILURE_URL);
}

static const char *last_segment(const char *text)
{
	static char out[32];

	target(text);
	return url_last_segment(out, sizeof(out), &url) ? out : NULL;
}

Test(url_target, the_last_segment)
{
	char out[4];

	cr_assert_str_eq(last_segment(""), "");
	cr_assert_str_eq(last_segment("/a/"), "");
	cr_assert_str_eq(last_segment("/a/b.html?c/d#e/f"), "b.html");
	cr_assert_str_eq(last_segment("/a%20b%2fc%41"), "a b/cA");
	cr_assert_str_eq(last_segment("/100%"), "100%");
	cr_assert_str_eq(last_segment("/%zz%4"), "%zz%4");
	cr_assert_str_eq(last_segment("/%2e%2e"), "..");
	cr_assert_str_eq(last_segment("/\303\244"), "\303\244");
	cr_assert_null(last_segment("/a%00b"));
	cr_assert_null(last_segment("/a%00"));
	cr_assert_str_eq(last_segment("/1234567890123456789012345678901"),
			 "1234567890123456789012345678901");
	cr_assert_null(last_segment("/12345678901234567890123456789012"));
	target("/%41%42%43");
	cr_assert(url_last_segment(out, 4, &url));
	cr_assert_str_eq(out, "ABC");
	cr_assert(!url_last_segment(out, 3, &url));
	cr_assert(!url_last_segment(out, 0, &url));
}

Test(url_target, encoding_leaves_the_unreserved_alone)
{
	struct buffer out = { 0 };
	unsigned encoded = 0;

	cr_assert(url_encode(&out, "az-AZ._~09", 10));
	cr_assert(url_encode(&out, " &=%+\0\377/", 8));
	cr_assert_str_eq(buffer_text(&out), "az-AZ._~09%20%26%3D%25%2B%00%FF%2F");
	buffer_free(&out);
	for (int i = 0; i < 256; i++) {
		const char byte = (char)i;

		cr_assert(url_encode(&out, &byte, 1));
		encoded += out.length == 3;
		buffer_free(&out);
	}
	cr_assert_eq(encoded, 256 - 66);
}
