/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/html_listing.c
 * Holds: the page around the entries; a row an entry, with size and time; a link upwards but at the
 * top; folders first, then by bytes; names escaped for HTML and for URLs; a page that is cut says
 * so; the same entries make the same bytes.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/proto/html_listing.h>

static struct buffer page;

static void tear_down(void)
{
	buffer_free(&page);
}

TestSuite(html_listing, .fini = tear_down);

static const char *listed(const char *path, const struct html_entry *entries, size_t count,
			  bool cut)
{
	buffer_free(&page);
	cr_assert(html_listing_add(&page, path, entries, count, cut));
	return buffer_text(&page);
}

/* What stands between those two. */
static const char *rows_of(const char *text)
{
	static char rows[4000];
	const char *start = strstr(text, "<tbody>\n"), *end = strstr(text, "</tbody>");

	cr_assert(start && end);
	start += strlen("<tbody>\n");
	cr_assert_lt((size_t)(end - start), sizeof rows);
	memcpy(rows, start, (size_t)(end - start));
	rows[end - start] = '\0';
	return rows;
}

Test(html_listing, a_page)
{
	const char *text = listed(".", NULL, 0, false);

	cr_assert_eq(strstr(text, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
				  "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
				  "content=\"width=device-width,initial-scale=1\">\n"
				  "<title>/</title>\n"),
		     text);
	cr_assert_not_null(strstr(text, "<h1>/</h1>\n"));
	cr_assert_not_null(strstr(text, "</tbody>\n</table>\n</body>\n</html>\n"));
	cr_assert_null(strstr(text, "<script"));
	cr_assert_null(strstr(text, "http:"));
	cr_assert_str_eq(rows_of(text), "");
}

Test(html_listing, rows)
{
	static const struct html_entry entries[] = {
		{ .name = "folder", .folder = true, .size = 4096, .modified = 784111777 },
		{ .name = "a b.txt", .size = 1536, .modified = 0 },
	};

	cr_assert_str_eq(rows_of(listed(".", entries, 2, false)),
			 "<tr><td><a href=\"folder/\">folder/</a></td><td></td>"
			 "<td>1994-11-06 08:49</td></tr>\n"
			 "<tr><td><a href=\"a%20b.txt\">a b.txt</a></td><td>1.5 KiB</td>"
			 "<td>1970-01-01 00:00</td></tr>\n");
}

Test(html_listing, a_link_upwards)
{
	const char *text = listed("a/b & c", NULL, 0, false);

	cr_assert_str_eq(rows_of(text),
			 "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
	cr_assert_not_null(strstr(text, "<title>/a/b &amp; c/</title>"));
	cr_assert_not_null(strstr(text, "<h1>/a/b &amp; c/</h1>"));
}

Test(html_listing, hostile_names)
{
	static const struct html_entry entries[] = {
		{ .name = "<script>alert(1)" },
		{ .name = "\"onclick='x'\x1b[2J" },
		{ .name = "javascript:alert(1)" },
		{ .name = "a?b#c%41" },
		{ .name = "\xff\xe4" },
	};

	cr_assert_str_eq(rows_of(listed(".", entries, 5, false)),
			 "<tr><td><a href=\"%3Cscript%3Ealert%281%29\">&lt;script&gt;alert(1)</a>"
			 "</td><td>0 B</td><td>1970-01-01 00:00</td></tr>\n"
			 "<tr><td><a href=\"%22onclick%3D%27x%27%1B%5B2J\">"
			 "&quot;onclick=&#39;x&#39;\xef\xbf\xbd[2J</a>"
			 "</td><td>0 B</td><td>1970-01-01 00:00</td></tr>\n"
			 "<tr><td><a href=\"javascript%3Aalert%281%29\">javascript:alert(1)</a>"
			 "</td><td>0 B</td><td>1970-01-01 00:00</td></tr>\n"
			 "<tr><td><a href=\"a%3Fb%23c%2541\">a?b#c%41</a>"
			 "</td><td>0 B</td><td>1970-01-01 00:00</td></tr>\n"
			 "<tr><td><a href=\"%FF%E4\">\xef\xbf\xbd\xef\xbf\xbd</a>"
			 "</td><td>0 B</td><td>1970-01-01 00:00</td></tr>\n");
}

Test(html_listing, cut)
{
	static const struct html_entry entry = { .name = "a" };

	cr_assert_not_null(strstr(listed(".", &entry, 1, true),
				  "<p>Only the first 1 entries are shown.</p>\n"));
	cr_assert_null(strstr(listed(".", &entry, 1, false), "<p>"));
}

Test(html_listing, order)
{
	struct html_entry entries[] = {
		{ .name = "b" }, { .name = "a" },        { .name = "z", .folder = true },
		{ .name = "B" }, { .name = "\xc3\xa4" }, { .name = "c", .folder = true },
	};

	qsort(entries, 6, sizeof *entries, html_entry_compare);
	cr_assert_str_eq(entries[0].name, "c");
	cr_assert_str_eq(entries[1].name, "z");
	cr_assert_str_eq(entries[2].name, "B");
	cr_assert_str_eq(entries[3].name, "a");
	cr_assert_str_eq(entries[4].name, "b");
	cr_assert_str_eq(entries[5].name, "\xc3\xa4");
}
