/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/websocket_origin.c
 * Holds: who sends no Origin is let in; a page of the same host and port is, by whatever way the
 * default port is written; over the loopback only where the host cannot be anybody's; the list
 * allows by origin, by host, by host and port, all; two Origins, null and nonsense are nobody's;
 * what can stand in a list.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/websocket_origin.h>

static bool allowed(const char *host, const char *origin, const char *list, bool local)
{
	struct http_head head = { .field_count = origin ? 2 : 1 };

	head.fields[0] = (struct http_field){ "Host", host, 4, strlen(host) };
	if (origin)
		head.fields[1] = (struct http_field){ "origin", origin, 6, strlen(origin) };
	return websocket_origin_allowed(&head, list, local);
}

Test(websocket_origin, no_page_at_all)
{
	cr_assert(allowed("x", NULL, NULL, false));
	cr_assert(allowed("x", NULL, "https://app.example", true));
}

Test(websocket_origin, the_servers_own_pages)
{
	cr_assert(allowed("example.org", "http://example.org", NULL, false));
	cr_assert(allowed("example.org", "https://EXAMPLE.org", NULL, false));
	cr_assert(allowed("example.org:80", "http://example.org", NULL, false));
	cr_assert(allowed("example.org", "https://example.org:443", NULL, false));
	cr_assert(allowed("[::1]:8080", "http://[::1]:8080", NULL, true));
	cr_assert(allowed("127.0.0.1:1", "http://127.0.0.1:1", NULL, true));
	cr_assert(allowed("localhost:1", "http://localhost:1", NULL, true));
	cr_assert(allowed("app.localhost:1", "http://app.localhost:1", NULL, true));
}

Test(websocket_origin, pages_of_others)
{
	cr_assert(!allowed("example.org", "http://example.org:8080", NULL, false));
	cr_assert(!allowed("example.org:8080", "http://example.org", NULL, false));
	cr_assert(!allowed("example.org", "http://evil.example", NULL, false));
	cr_assert(!allowed("example.org", "http://example.org.evil", NULL, false));
	cr_assert(!allowed("example.org", "http://evil@example.org", NULL, false));
	cr_assert(!allowed("example.org", "http://example.org/", NULL, false));
	cr_assert(!allowed("example.org", "example.org", NULL, false));
	cr_assert(!allowed("null", "null", NULL, false));
	cr_assert(!allowed("example.org", "", NULL, false));
	cr_assert(!allowed("", "http://", NULL, false));
	cr_assert(!allowed("[::1", "http://[::1", NULL, false));
	cr_assert(!allowed("[]", "http://[]", NULL, false));
	cr_assert(!allowed("x:0", "http://x:0", NULL, false));
	cr_assert(!allowed("x:65536", "http://x:65536", NULL, false));
}

Test(websocket_origin, names_that_were_made_to_mean_this_machine)
{
	cr_assert(!allowed("evil.example", "http://evil.example", NULL, true));
	cr_assert(!allowed("notlocalhost", "http://notlocalhost", NULL, true));
	cr_assert(!allowed("1.2.3.4.evil", "http://1.2.3.4.evil", NULL, true));
	cr_assert(allowed("evil.example", "http://evil.example", "evil.example", true));
}

Test(websocket_origin, what_the_list_allows)
{
	static const char list[] = "https://app.example, other.example, third.example:81, null";

	cr_assert(allowed("x", "https://app.example", list, true));
	cr_assert(allowed("x", "https://app.example:443", list, true));
	cr_assert(!allowed("x", "http://app.example", list, true));
	cr_assert(!allowed("x", "https://app.example:444", list, true));
	cr_assert(allowed("x", "http://other.example:5", list, true));
	cr_assert(allowed("x", "https://Other.example", list, true));
	cr_assert(allowed("x", "http://third.example:81", list, true));
	cr_assert(!allowed("x", "http://third.example", list, true));
	cr_assert(allowed("x", "null", list, true));
	cr_assert(allowed("x", "chrome-extension://abcdef", "chrome-extension://abcdef", true));
	cr_assert(!allowed("x", "http://fourth.example", list, true));
	cr_assert(allowed("x", "any thing", "*", true));
	cr_assert(allowed("localhost", "http://localhost", list, true));
}

Test(websocket_origin, two_are_none)
{
	struct http_head head = {
		.fields = { { "Host", "x", 4, 1 },
			    { "Origin", "http://x", 6, 8 },
			    { "Origin", "http://x", 6, 8 } },
		.field_count = 3,
	};

	cr_assert(!websocket_origin_allowed(&head, "*", false));
}

Test(websocket_origin, lists)
{
	struct failure why = { 0 };

	cr_assert(websocket_origins_check("*", &why));
	cr_assert(
		websocket_origins_check("null, https://a.example:8443, b.example, [::1]:80", &why));
	cr_assert(!websocket_origins_check("a b", &why));
	cr_assert_str_eq(why.text, "a b: not an origin; write it as https://example.org");
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert(!websocket_origins_check("https://a/path", &why));
	cr_assert(!websocket_origins_check("https://a:x", &why));
	cr_assert(!websocket_origins_check("://a", &why));
	cr_assert(!websocket_origins_check(",", &why));
	cr_assert_str_eq(why.text, "a list of origins names at least one; * allows all");
}
