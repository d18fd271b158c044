/* SPDX-License-Identifier: MIT */
/* src/get/body_type.c - the media type of a file that is sent, by the ending of its name. */
#include <string.h>
#include <strings.h>

#include <sockutil/get/body_parts.h>

static const struct {
	const char *ending, *type;
} types[] = {
	{ ".css", "text/css" },          { ".csv", "text/csv" },
	{ ".gif", "image/gif" },         { ".gz", "application/gzip" },
	{ ".htm", "text/html" },         { ".html", "text/html" },
	{ ".jpeg", "image/jpeg" },       { ".jpg", "image/jpeg" },
	{ ".js", "text/javascript" },    { ".json", "application/json" },
	{ ".md", "text/markdown" },      { ".mp3", "audio/mpeg" },
	{ ".mp4", "video/mp4" },         { ".pdf", "application/pdf" },
	{ ".png", "image/png" },         { ".svg", "image/svg+xml" },
	{ ".tar", "application/x-tar" }, { ".txt", "text/plain" },
	{ ".webp", "image/webp" },       { ".xml", "application/xml" },
	{ ".zip", "application/zip" },
};

const char *body_type_of(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *ending = strrchr(slash ? slash : file, '.');

	for (size_t i = 0; ending && i < sizeof(types) / sizeof(*types); i++)
		if (strcasecmp(ending, types[i].ending) == 0)
			return types[i].type;
	return "application/octet-stream";
}
