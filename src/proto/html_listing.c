/* SPDX-License-Identifier: MIT */
/* html_listing.c - a folder as a page. */
#include <string.h>

#include <sockutil/base/number.h>
#include <sockutil/proto/html_listing.h>
#include <sockutil/proto/html_text.h>
#include <sockutil/proto/http_date_civil.h>
#include <sockutil/proto/url.h>

/* Names break anywhere and times hide first, so that a narrow screen needs no scrolling. */
static const char style[] =
	"<style>\n"
	":root{color-scheme:light dark}\n"
	"body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}\n"
	"h1{font-size:1.25rem;overflow-wrap:anywhere}\n"
	"table{border-collapse:collapse;width:100%}\n"
	"th{text-align:left}\n"
	"th,td{padding:.35rem .75rem .35rem 0;border-bottom:1px solid #8884}\n"
	"td:first-child{overflow-wrap:anywhere}\n"
	"th+th,td+td{text-align:right;white-space:nowrap}\n"
	"@media(max-width:32rem){th+th+th,td+td+td{display:none}}\n"
	"</style>\n";

static bool put(struct buffer *out, const char *text)
{
	return buffer_add(out, text, strlen(text));
}

static bool is_root(const char *path)
{
	return !strcmp(path, ".");
}

/* "/a/b/" */
static bool title_add(struct buffer *out, const char *path)
{
	if (is_root(path))
		return put(out, "/");
	return put(out, "/") && html_text_add(out, path, strlen(path)) && put(out, "/");
}

static bool head_add(struct buffer *out, const char *path)
{
	return put(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
			"<title>") &&
	       title_add(out, path) && put(out, "</title>\n") && put(out, style) &&
	       put(out, "</head>\n<body>\n<h1>") && title_add(out, path) && put(out, "</h1>\n") &&
	       put(out, "<table>\n<thead><tr><th>Name</th><th>Size</th><th>Modified (UTC)</th></tr>"
			"</thead>\n<tbody>\n");
}

static bool time_add(struct buffer *out, int64_t seconds)
{
	struct http_date_civil t;

	http_date_civil(&t, seconds);
	return buffer_format(out, "%04d-%02d-%02d %02d:%02d", t.year, t.month, t.day, t.hour,
			     t.minute);
}

static bool name_add(struct buffer *out, const struct html_entry *entry)
{
	const char *slash = entry->folder ? "/" : "";

	return put(out, "<tr><td><a href=\"") &&
	       url_encode(out, entry->name, strlen(entry->name)) && put(out, slash) &&
	       put(out, "\">") && html_text_add(out, entry->name, strlen(entry->name)) &&
	       put(out, slash) && put(out, "</a></td><td>");
}

static bool entry_add(struct buffer *out, const struct html_entry *entry)
{
	char size[32];

	if (!name_add(out, entry))
		return false;
	if (!entry->folder && !put(out, size_text(size, sizeof size, entry->size)))
		return false;
	return put(out, "</td><td>") && time_add(out, entry->modified) && put(out, "</td></tr>\n");
}

int html_entry_compare(const void *a, const void *b)
{
	const struct html_entry *one = a, *other = b;

	if (one->folder != other->folder)
		return one->folder ? -1 : 1;
	return strcmp(one->name, other->name);
}

bool html_listing_add(struct buffer *out, const char *path, const struct html_entry *entries,
		      size_t count, bool cut)
{
	if (!head_add(out, path))
		return false;
	if (!is_root(path) &&
	    !put(out, "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n"))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!entry_add(out, &entries[i]))
			return false;
	}
	if (!put(out, "</tbody>\n</table>\n"))
		return false;
	if (cut && !buffer_format(out, "<p>Only the first %zu entries are shown.</p>\n", count))
		return false;
	return put(out, "</body>\n</html>\n");
}
