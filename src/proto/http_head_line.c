/* SPDX-License-Identifier: MIT */
/* http_head_line.c - a status line, a field line, and what a message shows of one. */
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/proto/http_head_line.h>

static bool refused(struct failure *why, const char *line, size_t length, const char *reason)
{
	char shown[HTTP_HEAD_SHOWN_MAX];

	fail(why, FAILURE_PROTOCOL, "\"%s\": %s", http_head_shown(shown, line, length), reason);
	return false;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What a recipient must not let pass (RFC 9110, 5.5); LF cannot be inside a line. */
static bool holds_no_end(const char *line, size_t length, struct failure *why)
{
	if (memchr(line, '\r', length))
		return refused(why, line, length, "a bare CR in it");
	if (memchr(line, '\0', length))
		return refused(why, line, length, "a NUL in it");
	return true;
}

static bool begins(const char *line, size_t length, const char *text)
{
	return length >= strlen(text) && !memcmp(line, text, strlen(text));
}

/* Bytes up to the status; 0 for what is neither HTTP/1 nor 2. A minor version that nobody has yet
 * is understood like the highest one (RFC 9110, 2.5). */
static size_t version_take(struct http_head *head, const char *line, size_t length)
{
	const size_t digits = strlen("HTTP/1.");

	if (begins(line, length, "HTTP/2 ") || begins(line, length, "HTTP/2.0 ")) {
		head->major = 2;
		head->minor = 0;
		return line[strlen("HTTP/2")] == ' ' ? strlen("HTTP/2 ") : strlen("HTTP/2.0 ");
	}
	if (!begins(line, length, "HTTP/1.") || length < digits + 2 || !digit(line[digits]) ||
	    line[digits + 1] != ' ')
		return 0;
	head->major = 1;
	head->minor = line[digits] - '0';
	return digits + 2;
}

/* The blank before a reason that is not there is often missing. */
static bool status_take(struct http_head *head, const char *text, size_t length)
{
	if (length < 3 || !digit(text[0]) || !digit(text[1]) || !digit(text[2]) ||
	    (length > 3 && text[3] != ' '))
		return false;
	head->status = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
	head->reason = text + (length > 3 ? 4 : 3);
	head->reason_length = length > 3 ? length - 4 : 0;
	return true;
}

bool http_head_line_status(struct http_head *head, const char *line, size_t length,
			   struct failure *why)
{
	const size_t version = version_take(head, line, length);

	if (!holds_no_end(line, length, why))
		return false;
	if (!version)
		return refused(why, line, length, "neither HTTP/1.0 nor HTTP/1.1 nor HTTP/2");
	if (!status_take(head, line + version, length - version))
		return refused(why, line, length, "not a status line");
	if (head->status < 100 || head->status > 599)
		return refused(why, line, length, "no status from 100 to 599");
	return true;
}

static bool name_refused(const char *line, size_t name_length, struct failure *why)
{
	if (!name_length) {
		fail(why, FAILURE_PROTOCOL, "a field line without a name");
		return false;
	}
	if (blank(line[name_length - 1]))
		return refused(why, line, name_length, "a blank before the colon");
	return refused(why, line, name_length, "not a field name");
}

bool http_head_line_field(struct http_field *field, const char *line, size_t length,
			  struct failure *why)
{
	const char *colon, *end = line + length;

	if (length && blank(*line)) {
		fail(why, FAILURE_PROTOCOL, "a field line starts with a blank (obsolete folding)");
		return false;
	}
	colon = memchr(line, ':', length);
	if (!colon)
		return refused(why, line, length, "a field line without a colon");
	field->name = line;
	field->name_length = (size_t)(colon - line);
	if (!http_name_valid(line, field->name_length))
		return name_refused(line, field->name_length, why);
	for (colon++; colon < end && blank(*colon);)
		colon++;
	for (; end > colon && blank(end[-1]);)
		end--;
	field->value = colon;
	field->value_length = (size_t)(end - colon);
	return holds_no_end(line, length, why);
}

const char *http_head_shown(char out[static HTTP_HEAD_SHOWN_MAX], const char *bytes, size_t length)
{
	const size_t most = HTTP_HEAD_SHOWN_MAX - sizeof "…";
	size_t count = 0, kept;

	while (count < length && bytes[count] != '\r' && bytes[count] != '\n')
		count++;
	kept = utf8_cut(bytes, count, most);
	for (size_t i = 0; i < kept; i++)
		out[i] = bytes[i] ? bytes[i] : '?';
	memcpy(out + kept, kept < length ? "…" : "", kept < length ? sizeof "…" : 1);
	return out;
}
