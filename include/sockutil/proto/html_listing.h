/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTML_LISTING_H
#define SOCKUTIL_PROTO_HTML_LISTING_H
/*
 * A folder as a page: HTML5 without scripts or anything from elsewhere, for a
 * Content-Security-Policy of "default-src 'none'; style-src 'unsafe-inline'". The same entries make
 * the same bytes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>

struct html_entry {
	const char *name; /* of a file; any bytes but '/' */
	bool folder;
	uint64_t size;    /* bytes; not shown of a folder */
	int64_t modified; /* seconds since 1970; shown in UTC */
};

/* For qsort(3): folders first, then by the bytes of their names. */
int html_entry_compare(const void *a, const void *b);

/*
 * Appends the page. path: the folder as http_path has it, "." for the uppermost, which has no link
 * upwards. Links are relative to a target that ends with '/'. cut: there are more entries than
 * these, and the page says so. False when memory is short.
 */
bool html_listing_add(struct buffer *out, const char *path, const struct html_entry *entries,
		      size_t count, bool cut);
#endif
