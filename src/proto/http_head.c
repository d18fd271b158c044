/* SPDX-License-Identifier: MIT */
/* http_head.c - the head of a response, however it was cut on its way. */
#include <string.h>

#include <sockutil/proto/http_head.h>
#include <sockutil/proto/http_head_line.h>

static const char protocol[] = "HTTP/";

/* Says so at the first byte: a mail server that greets us may never send another. */
static bool starts_as_http(const char *bytes, size_t length, struct failure *why)
{
	const size_t known = length < sizeof protocol - 1 ? length : sizeof protocol - 1;
	char shown[HTTP_HEAD_SHOWN_MAX];

	if (!memcmp(bytes, protocol, known))
		return true;
	if (*bytes == '\r' || *bytes == '\n')
		fail(why, FAILURE_PROTOCOL, "not HTTP: the answer starts with an empty line");
	else if (*bytes == 0x15 || *bytes == 0x16) /* alert and handshake, RFC 8446, 5.1 */
		fail(why, FAILURE_PROTOCOL, "not HTTP: the answer starts like TLS");
	else
		fail(why, FAILURE_PROTOCOL, "not HTTP: the answer starts with \"%s\"",
		     http_head_shown(shown, bytes, length));
	return false;
}

/* *end: behind the newline of the current line. */
static enum io line_end(struct http_head_scan *scan, const char *bytes, size_t length, size_t *end,
			struct failure *why)
{
	const bool last = scan->line > HTTP_HEAD_MAX - HTTP_LINE_MAX;
	const size_t limit = last ? HTTP_HEAD_MAX : scan->line + HTTP_LINE_MAX;
	const size_t stop = length < limit ? length : limit;
	const char *newline = memchr(bytes + scan->looked, '\n', stop - scan->looked);

	if (newline) {
		*end = (size_t)(newline - bytes) + 1;
		return IO_DONE;
	}
	scan->looked = stop;
	if (length < limit)
		return IO_AGAIN;
	if (last)
		return fail(why, FAILURE_PROTOCOL, "the head is longer than %d bytes",
			    HTTP_HEAD_MAX);
	return fail(why, FAILURE_PROTOCOL, "a line of the head is longer than %d bytes",
		    HTTP_LINE_MAX);
}

static bool line_take(struct http_head *head, struct http_head_scan *scan, const char *line,
		      size_t length, struct failure *why)
{
	if (!scan->line)
		return http_head_line_status(head, line, length, why);
	if (scan->fields == HTTP_FIELDS_MAX) {
		fail(why, FAILURE_PROTOCOL, "the head has more than %d fields", HTTP_FIELDS_MAX);
		return false;
	}
	return http_head_line_field(&head->fields[scan->fields++], line, length, why);
}

/* Takes lines from where the scan stands to the empty one. */
static enum io lines_take(struct http_head *head, struct http_head_scan *scan, const char *bytes,
			  size_t length, struct failure *why)
{
	for (;;) {
		const char *line = bytes + scan->line;
		size_t end = 0, count;
		enum io r = line_end(scan, bytes, length, &end, why);

		if (r != IO_DONE)
			return r;
		count = end - scan->line - 1;
		count -= count && line[count - 1] == '\r';
		if (!count && scan->line) {
			head->field_count = scan->fields;
			head->length = end;
			return IO_DONE;
		}
		if (!line_take(head, scan, line, count, why))
			return IO_FAILED;
		scan->line = scan->looked = end;
	}
}

enum io http_head_parse(struct http_head *head, struct http_head_scan *scan, const char *bytes,
			size_t length, struct failure *why)
{
	const bool resumed = scan->line > 0;
	enum io r;

	if (!length)
		return IO_AGAIN;
	if (!starts_as_http(bytes, length, why))
		return IO_FAILED;
	r = lines_take(head, scan, bytes, length, why);
	if (r != IO_DONE)
		return r;
	*scan = (struct http_head_scan){ 0 };
	if (!resumed)
		return IO_DONE;
	/* What earlier calls took may have moved since, or was put into another head. */
	r = lines_take(head, scan, bytes, head->length, why);
	*scan = (struct http_head_scan){ 0 };
	return r;
}
