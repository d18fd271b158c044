/* SPDX-License-Identifier: MIT */
/* fuzz_html_listing.c - folders of any names as pages: no name brings markup of its own, breaks out
 * of an attribute, or links elsewhere. */
#include "fuzz.h"

#include <sockutil/base/utf8.h>
#include <sockutil/proto/html_listing.h>
#include <sockutil/proto/html_text.h>
#include <sockutil/proto/mime_type.h>

enum { ENTRIES = 16 };

static size_t count_of(const char *text, const char *what)
{
	size_t count = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		count++;
	return count;
}

/* Everything in a link is what may stand in one segment, and the slash of a folder. */
static void check_links(const char *page)
{
	for (const char *at = page; (at = strstr(at, "href=\""));) {
		at += strlen("href=\"");
		fuzz_check(*at != '/' && *at != '"');
		for (; *at != '"'; at++)
			fuzz_check(*at > ' ' && *at < 0x7f && !strchr("<>&'?#:\\", *at));
	}
}

static void check_page(const char *page, size_t count)
{
	size_t links = 0;

	for (const char *at = page; *at; at++)
		fuzz_check(*at == '\n' || ((unsigned char)*at >= 0x20 && *at != 0x7f));
	fuzz_check(utf8_valid(page, strlen(page)));
	fuzz_check(count_of(page, "<tr><td><a href=\"") == count + 1);
	fuzz_check(count_of(page, "<script") == 0 && count_of(page, "<title>") == 1);
	/* Three cells a row. */
	links = count_of(page, "<a ");
	fuzz_check(links == count + 1 && count_of(page, "</a>") == links);
	fuzz_check(count_of(page, "<td>") == 3 * links);
	check_links(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct html_entry entries[ENTRIES] = { 0 };
	char *text = fuzz_text(data, size), *rest = text;
	struct buffer page = { 0 };
	size_t count = 0;

	for (char *name; count < ENTRIES && (name = strsep(&rest, "\n/"));) {
		if (!*name)
			continue;
		fuzz_check(*mime_type_of(name));
		entries[count] = (struct html_entry){
			.name = name,
			.folder = *name & 1,
			.size = (uint64_t)*name << (*name & 63),
			.modified = (int64_t)((uint64_t)*name << (*name & 63)),
		};
		count++;
	}
	qsort(entries, count, sizeof *entries, html_entry_compare);
	fuzz_check(
		html_listing_add(&page, count ? entries[0].name : "a", entries, count, size & 1));
	if (!count || strcmp(entries[0].name, "."))
		check_page(buffer_text(&page), count);
	buffer_free(&page);
	free(text);
	return 0;
}
