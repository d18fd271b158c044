/* SPDX-License-Identifier: MIT */
/* http_request_head.c - the head of a request, however it was cut on its way. */
#include <string.h>

#include <sockutil/proto/http_head_line.h>
#include <sockutil/proto/http_request_head.h>
#include <sockutil/proto/http_request_head_parts.h>

/* RFC 9112, 2.2 asks for one; some clients put two behind a body. */
enum { EMPTY_LINES_MAX = 8 };

struct reading {
	struct http_request_head *request;
	struct http_head_scan *scan;
	const char *bytes;
	size_t length;
	size_t start; /* where the request line starts: behind empty lines */
	int *status;
	struct failure *why;
};

static bool refused(const struct reading *in, int status, const char *reason)
{
	*in->status = status;
	fail(in->why, FAILURE_PROTOCOL, "%s", reason);
	return false;
}

/* Says so at the first byte: what speaks TLS to us waits for our answer. */
static bool starts_as_request(const struct reading *in)
{
	const char *first = in->bytes + in->start;
	char shown[HTTP_HEAD_SHOWN_MAX];

	if (in->start == in->length || http_token_valid(first, 1))
		return true;
	*in->status = 400;
	if (*first == 0x16) /* handshake, RFC 8446, 5.1 */
		fail(in->why, FAILURE_PROTOCOL, "not HTTP: the request starts like TLS");
	else if (*first == '\n' || *first == '\r')
		fail(in->why, FAILURE_PROTOCOL, "not HTTP: the request starts with an empty line");
	else
		fail(in->why, FAILURE_PROTOCOL, "not HTTP: the request starts with \"%s\"",
		     http_head_shown(shown, first, in->length - in->start));
	return false;
}

/* Finds the request line behind empty ones, which may not have come yet. */
static enum io start_find(struct reading *in)
{
	size_t at = 0;

	for (int lines = 0; lines < EMPTY_LINES_MAX && at < in->length && in->bytes[at] == '\r';
	     lines++, at += 2) {
		if (at + 1 == in->length)
			return IO_AGAIN;
		if (in->bytes[at + 1] != '\n') {
			refused(in, 400, "a bare CR in front of the request");
			return IO_FAILED;
		}
	}
	in->start = at;
	return starts_as_request(in) ? IO_DONE : IO_FAILED;
}

static bool in_request_line(const struct reading *in)
{
	return in->scan->line <= in->start;
}

static bool line_too_long(const struct reading *in)
{
	*in->status = in_request_line(in) ? 414 : 431;
	fail(in->why, FAILURE_PROTOCOL, "%s is longer than %d bytes",
	     in_request_line(in) ? "the request line" : "a field line", HTTP_REQUEST_LINE_MAX);
	return false;
}

static bool head_too_long(const struct reading *in)
{
	*in->status = 431;
	fail(in->why, FAILURE_PROTOCOL, "the head is longer than %d bytes", HTTP_REQUEST_HEAD_MAX);
	return false;
}

/* *end: behind the newline of the current line. */
static enum io line_end(const struct reading *in, size_t *end)
{
	struct http_head_scan *scan = in->scan;
	const bool last = scan->line > HTTP_REQUEST_HEAD_MAX - HTTP_REQUEST_LINE_MAX;
	const size_t limit = last ? HTTP_REQUEST_HEAD_MAX : scan->line + HTTP_REQUEST_LINE_MAX;
	const size_t stop = in->length < limit ? in->length : limit;
	const char *newline = memchr(in->bytes + scan->looked, '\n', stop - scan->looked);

	if (newline) {
		*end = (size_t)(newline - in->bytes) + 1;
		return IO_DONE;
	}
	scan->looked = stop;
	if (in->length < limit)
		return IO_AGAIN;
	last ? head_too_long(in) : line_too_long(in);
	return IO_FAILED;
}

static bool field_take(const struct reading *in, const char *line, size_t length)
{
	struct http_head_scan *scan = in->scan;
	struct http_field *field;

	if (scan->fields == HTTP_REQUEST_FIELDS_MAX) {
		*in->status = 431;
		fail(in->why, FAILURE_PROTOCOL, "the head has more than %d fields",
		     HTTP_REQUEST_FIELDS_MAX);
		return false;
	}
	field = &in->request->head.fields[scan->fields++];
	if (!http_head_line_field(field, line, length, in->why)) {
		*in->status = 400;
		return false;
	}
	if (!http_value_valid(field->value, field->value_length))
		return refused(in, 400, "a control character in a field");
	return true;
}

/* Takes a line of length bytes without its newline. */
static bool line_take(const struct reading *in, const char *line, size_t length)
{
	if (!length || line[length - 1] != '\r')
		return refused(in, 400, "a line ends with a bare LF");
	if (in_request_line(in))
		return http_request_head_line(in->request, line, length - 1, in->status, in->why);
	return field_take(in, line, length - 1);
}

/* Takes lines from where the scan stands to the empty one. */
static enum io lines_take(const struct reading *in)
{
	struct http_head_scan *scan = in->scan;

	if (scan->line < in->start)
		scan->line = scan->looked = in->start;
	for (;;) {
		const char *line = in->bytes + scan->line;
		size_t end = 0;
		enum io r = line_end(in, &end);

		if (r != IO_DONE)
			return r;
		if (!in_request_line(in) && end - scan->line == 2 && *line == '\r') {
			in->request->head.field_count = scan->fields;
			in->request->head.length = end;
			return IO_DONE;
		}
		if (!line_take(in, line, end - scan->line - 1))
			return IO_FAILED;
		scan->line = scan->looked = end;
	}
}

enum io http_request_head_parse(struct http_request_head *request, struct http_head_scan *scan,
				const char *bytes, size_t length, int *status, struct failure *why)
{
	struct reading in = { request, scan, bytes, length, 0, status, why };
	const bool resumed = scan->line > 0;
	enum io r = length ? start_find(&in) : IO_AGAIN;

	if (r == IO_DONE)
		r = in.start < length ? lines_take(&in) : IO_AGAIN;
	if (r == IO_DONE && resumed) {
		/* What earlier calls took may have moved since, or was put into another head. */
		in.length = request->head.length;
		*scan = (struct http_head_scan){ 0 };
		r = lines_take(&in);
	}
	if (r == IO_DONE)
		*scan = (struct http_head_scan){ 0 };
	if (r == IO_DONE && !http_request_head_host(request, status, why))
		return IO_FAILED;
	return r;
}

bool http_request_is(const struct http_request_head *request, const char *method)
{
	return request->method_length == strlen(method) &&
	       !memcmp(request->method, method, request->method_length);
}
