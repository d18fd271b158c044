/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/mime_type.c
 * Holds: every row is found by its end, so the table is sorted; case does not matter; text says
 * that it is UTF-8; the last dot of the last segment counts, and one at its start does not; what is
 * not known is bytes.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sockutil/proto/mime_type.h>

static const struct {
	const char *end, *type;
} rows[] = {
#define TYPE(end, type) { end, type },
#define TEXT(end, type) { end, type "; charset=utf-8" },
#include "../../../src/proto/mime_type.def"
};

enum { ROWS = sizeof rows / sizeof *rows };

Test(mime_type, every_row)
{
	for (size_t i = 0; i < ROWS; i++) {
		char name[64];

		cr_assert(i == 0 || strcasecmp(rows[i - 1].end, rows[i].end) < 0, "%s",
			  rows[i].end);
		snprintf(name, sizeof name, "a.%s", rows[i].end);
		cr_assert_str_eq(mime_type_of(name), rows[i].type);
	}
	cr_assert_geq(ROWS, 100);
}

Test(mime_type, those_that_pages_are_made_of)
{
	cr_assert_str_eq(mime_type_of("index.html"), "text/html; charset=utf-8");
	cr_assert_str_eq(mime_type_of("a.css"), "text/css; charset=utf-8");
	cr_assert_str_eq(mime_type_of("a.js"), "text/javascript; charset=utf-8");
	cr_assert_str_eq(mime_type_of("a.mjs"), "text/javascript; charset=utf-8");
	cr_assert_str_eq(mime_type_of("a.json"), "application/json");
	cr_assert_str_eq(mime_type_of("a.svg"), "image/svg+xml");
	cr_assert_str_eq(mime_type_of("a.wasm"), "application/wasm");
	cr_assert_str_eq(mime_type_of("a.txt"), "text/plain; charset=utf-8");
}

Test(mime_type, which_end)
{
	cr_assert_str_eq(mime_type_of("A.PnG"), "image/png");
	cr_assert_str_eq(mime_type_of("a.html.gz"), "application/gzip");
	cr_assert_str_eq(mime_type_of("a.b/c.png"), "image/png");
	cr_assert_str_eq(mime_type_of("a.png/c"), "application/octet-stream");
	cr_assert_str_eq(mime_type_of("/.png"), "application/octet-stream");
	cr_assert_str_eq(mime_type_of(".png"), "application/octet-stream");
	cr_assert_str_eq(mime_type_of(".a.png"), "image/png");
	cr_assert_str_eq(mime_type_of("a."), "application/octet-stream");
	cr_assert_str_eq(mime_type_of("png"), "application/octet-stream");
	cr_assert_str_eq(mime_type_of("a.pngx"), "application/octet-stream");
	cr_assert_str_eq(mime_type_of(""), "application/octet-stream");
}
