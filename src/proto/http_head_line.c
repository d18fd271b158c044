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

static const struct version {
	const char *text;
	int major, minor;
} versions[] = {
	{ "HTTP/1.1 ", 1, 1 },
	{ "HTTP/1.0 ", 1, 0 },
	{ "HTTP/2 ", 2, 0 },
	{ "HTTP/2.0 ", 2, 0 },
};

static const struct version *version_of(const char *line, size_t length)
{
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		size_t count = strlen(versions[i].text);

		if (length >= count && !memcmp(line, versions[i].text, count))
			return &versions[i];
	}
	return NULL;
}

bool http_head_line_status(struct http_head *head, const char *line, size_t length,
			   struct failure *why)
{
	const struct version *version = version_of(line, length);
	const char *end = line + length, *p;

	if (!holds_no_end(line, length, why))
		return false;
	if (!version)
		return refused(why, line, length, "not a status line of HTTP/1.0, HTTP/1.1 or 2");
	p = line + strlen(version->text);
	/* The blank before a reason that is not there is often missing. */
	if (end - p < 3 || !digit(p[0]) || !digit(p[1]) || !digit(p[2]) ||
	    (end - p > 3 && p[3] != ' '))
		return refused(why, line, length, "not a status line");
	head->major = version->major;
	head->minor = version->minor;
	head->status = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
	if (head->status < 100 || head->status > 599)
		return refused(why, line, length, "no status from 100 to 599");
	head->reason = end - p > 3 ? p + 4 : end;
	head->reason_length = (size_t)(end - head->reason);
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
	memcpy(out + kept, kept < count ? "…" : "", kept < count ? sizeof "…" : 1);
	return out;
}
