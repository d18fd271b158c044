/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_PATH_H
#define SOCKUTIL_PROTO_HTTP_PATH_H
/*
 * The path of a request target as a path under a folder: decoded once, without dot segments and
 * empty ones. What comes out never starts with '/', has no "." or ".." segment and no NUL, so it
 * cannot name anything above that folder but by symbolic links, which openat2(2) is asked to watch.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>

enum { HTTP_PATH_MAX = 4096 }; /* bytes, with the NUL: PATH_MAX */

struct http_path {
	char name[HTTP_PATH_MAX]; /* "a/b c.txt"; "." for the folder itself; NUL-terminated. Any
				   * byte but NUL may be in it: a backslash is a byte like others,
				   * and it need not be UTF-8 */
	size_t length;            /* of name */
	bool folder;              /* the target ended with '/', or with a dot segment */
	bool hidden;              /* a segment starts with a dot */
	const char *query;        /* into the target, behind the '?'; NULL: none */
	size_t query_length;
};

/*
 * A target in origin or absolute form (scheme and authority are skipped). Dot segments may be
 * percent-encoded ones. 0, or the status to answer: 400 (a percent sign without two digits, a NUL,
 * ".." above the folder, a target of another form), 404 (an encoded slash: no file has one in its
 * name), 414 (longer than a path can be). out->name is not to be used then.
 */
int http_path_parse(struct http_path *out, const char *target, size_t length);

/* Appends "/a/b%20c.txt" as it goes into a Location field: percent-encoded, and with a '/' behind
 * when slash. Never starts with two slashes. False when memory is short. */
bool http_path_write(struct buffer *out, const struct http_path *path, bool slash);
#endif
