/* SPDX-License-Identifier: MIT */
/* http_path.c - the path of a target as a path under a folder. */
#include <string.h>

#include <sockutil/proto/http_path.h>
#include <sockutil/proto/url.h>
#include <sockutil/proto/url_parts.h>

/* Skips scheme and authority of an absolute form; NULL: another form. */
static const char *path_start(const char *target, const char *end)
{
	const char *at = target;

	if (at < end && *at == '/')
		return at;
	while (at < end && *at != ':' && *at != '/' && *at != '?')
		at++;
	if (at == target || end - at < 3 || memcmp(at, "://", 3))
		return NULL;
	for (at += 3; at < end && *at != '/' && *at != '?';)
		at++;
	return at;
}

/* Removes the last segment; false: there is none. */
static bool parent(struct http_path *out)
{
	if (!out->length)
		return false;
	while (out->length && out->name[--out->length] != '/')
		;
	return true;
}

/* One segment, not empty, is decoded behind what is there. */
static int segment_add(struct http_path *out, const char *text, size_t length)
{
	const size_t slash = out->length > 0, start = out->length + slash;
	char *segment = out->name + start;
	size_t decoded;

	if (start >= sizeof out->name - 1)
		return 414;
	if (!url_decode(segment, sizeof out->name - 1 - start, &decoded, text, length, false))
		return decoded > sizeof out->name - 1 - start ? 414 : 400;
	out->folder = true;
	if (decoded == 1 && *segment == '.')
		return 0;
	if (decoded == 2 && !memcmp(segment, "..", 2))
		return parent(out) ? 0 : 400;
	if (memchr(segment, '\0', decoded))
		return 400;
	if (memchr(segment, '/', decoded))
		return 404;
	if (slash)
		out->name[out->length] = '/';
	out->length = start + decoded;
	out->folder = false;
	return 0;
}

static bool any_hidden(const struct http_path *path)
{
	for (size_t i = 0; i < path->length; i++) {
		if (path->name[i] == '.' && (i == 0 || path->name[i - 1] == '/'))
			return true;
	}
	return false;
}

static void query_find(struct http_path *out, const char *start, const char *end)
{
	const char *mark = start < end ? memchr(start, '?', (size_t)(end - start)) : NULL;

	out->query = mark ? mark + 1 : NULL;
	out->query_length = mark ? (size_t)(end - mark - 1) : 0;
}

static void finish(struct http_path *out)
{
	out->hidden = any_hidden(out);
	if (!out->length)
		out->name[out->length++] = '.';
	out->name[out->length] = '\0';
}

int http_path_parse(struct http_path *out, const char *target, size_t length)
{
	const char *end = target + length, *at = path_start(target, end);
	int status;

	if (!at)
		return 400;
	query_find(out, at, end);
	if (out->query)
		end = out->query - 1;
	out->length = 0;
	out->folder = true;
	while (at < end) {
		const char *slash = memchr(at, '/', (size_t)(end - at));
		const char *stop = slash ? slash : end;

		if (stop > at && (status = segment_add(out, at, (size_t)(stop - at))))
			return status;
		out->folder |= slash != NULL;
		at = stop + (slash != NULL);
	}
	finish(out);
	return 0;
}

bool http_path_write(struct buffer *out, const struct http_path *path, bool slash)
{
	const char *at = path->name, *end = path->name + path->length;
	const bool root = path->length == 1 && *at == '.';

	if (root)
		return buffer_add(out, "/", 1);
	while (at < end) {
		const char *stop = memchr(at, '/', (size_t)(end - at));

		stop = stop ? stop : end;
		if (!buffer_add(out, "/", 1) || !url_encode(out, at, (size_t)(stop - at)))
			return false;
		at = stop < end ? stop + 1 : end;
	}
	return !slash || buffer_add(out, "/", 1);
}
