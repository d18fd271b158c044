/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_HEAD_H
#define SOCKUTIL_PROTO_HTTP_HEAD_H
/*
 * Heads of HTTP/1 messages (RFC 9112): start line, field lines, empty line. Strict: no obs-fold, no
 * bare CR, no NUL, no blank before the colon, no empty name. A parsed head points into the bytes it
 * was parsed from.
 *
 * An HTTP/2 response is given the same form ("HTTP/2 200" and its fields), so that everything above
 * knows one kind of head.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>

enum {
	HTTP_FIELDS_MAX = 256,
	HTTP_LINE_MAX = 64 * 1024,  /* bytes of one line */
	HTTP_HEAD_MAX = 256 * 1024, /* bytes of a whole head */
};

/* Neither text is NUL-terminated; the value has no blanks around it. */
struct http_field {
	const char *name, *value;
	size_t name_length, value_length;
};

/* Invariants: field_count <= HTTP_FIELDS_MAX; every pointer lies within the parsed bytes. */
struct http_head {
	int major, minor; /* HTTP/1.1: 1, 1; HTTP/2: 2, 0 */
	int status;       /* 100-599 */
	const char *reason;
	size_t reason_length; /* often 0 */
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t field_count;
	size_t length; /* bytes of the head, empty line included */
};

/* Where an unfinished head was left; zeroed at its start. */
struct http_head_scan {
	size_t looked; /* bytes without an end in them */
	size_t line;   /* where the current line starts */
	size_t fields; /* complete field lines before it */
};

/*
 * A response head at the start of length bytes. IO_AGAIN: not all of it is there; call again with
 * the same bytes and more behind them (they may have moved), and the same scan; *head holds nothing
 * yet. IO_DONE: the scan is zeroed again. IO_FAILED: FAILURE_PROTOCOL, for what is no HTTP/1 or 2
 * response head (HTTP/0.9 is none) or over a limit: at the first byte that cannot belong to
 * "HTTP/", at the end of a malformed line, at the byte over a limit. A lone LF ends a line too
 * (RFC 9112, 2.2). Values and reasons hold neither CR nor NUL; other controls may be in them.
 */
enum io http_head_parse(struct http_head *head, struct http_head_scan *scan, const char *bytes,
			size_t length, struct failure *why);

/* The first field of that name (any case) behind after, or from the start when after is NULL. */
const struct http_field *http_head_find(const struct http_head *head, const char *name,
					const struct http_field *after);

/* The value of the only field of that name as a string: false when there is none, or it does not
 * fit, or there are several with different values. */
bool http_head_text(const struct http_head *head, const char *name, char *out, size_t size);

/* Whether a list field (Connection, Transfer-Encoding …) has that token, in any of its lines. */
bool http_head_has_token(const struct http_head *head, const char *name, const char *token);

/* Elements of a comma-separated list; quoted strings are not split. cursor starts at 0. */
bool http_list_next(const char *value, size_t length, size_t *cursor, const char **element,
		    size_t *element_length);

/* What may be written: a token (RFC 9110, 5.6.2); a value without CR, LF, NUL or other controls
 * but TAB, and without blanks at its ends. */
bool http_name_valid(const char *name, size_t length);
bool http_value_valid(const char *value, size_t length);
bool http_token_valid(const char *text, size_t length);
#endif
