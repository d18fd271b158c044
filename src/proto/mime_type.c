/* SPDX-License-Identifier: MIT */
/* mime_type.c - media types of files by the ends of their names. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sockutil/proto/mime_type.h>

struct row {
	const char *end, *type;
};

/* Sorted by end, as strcasecmp(3) compares. */
static const struct row rows[] = {
#define TYPE(end, type) { end, type },
#define TEXT(end, type) { end, type "; charset=utf-8" },
#include "mime_type.def"
#undef TYPE
#undef TEXT
};

static int by_end(const void *wanted, const void *row)
{
	return strcasecmp(wanted, ((const struct row *)row)->end);
}

const char *mime_type_of(const char *name)
{
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
	const char *dot = strrchr(base, '.');
	const struct row *row = NULL;

	if (dot && dot > base)
		row = bsearch(dot + 1, rows, sizeof rows / sizeof *rows, sizeof *rows, by_end);
	return row ? row->type : "application/octet-stream";
}
