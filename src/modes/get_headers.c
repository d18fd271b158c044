/* SPDX-License-Identifier: MIT */
/* src/modes/get_headers.c - -H: lines and files of lines, cut into names and values. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/memory.h>
#include <sockutil/modes/get.h>
#include <sockutil/modes/text_input.h>
#include <sockutil/proto/http_head.h>

enum { LINES_MAX = 200 };

/* The value is not shown: it may be a secret. */
static bool refuse(const char *name, const char *what, struct failure *why)
{
	fail(why, FAILURE_USAGE, "--header: \"%.60s\": %s", name, what);
	return false;
}

/* What decides where a message ends is not the user's to say. */
static bool check_own(const char *name, const char *value, struct failure *why)
{
	if (!strcasecmp(name, "Content-Length") || !strcasecmp(name, "Transfer-Encoding"))
		return refuse(name, "follows from what is sent, it cannot be given", why);
	if (!strcasecmp(name, "Connection") && strcasecmp(value, "close") != 0)
		return refuse(name, "only \"Connection: close\" can be given", why);
	if (!strcasecmp(name, "Expect") && *value)
		return refuse(name, "is sent where it is of use; \"Expect:\" leaves it out", why);
	return true;
}

static char *trimmed(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		text[--length] = '\0';
	return text;
}

static bool add_line(struct get_setup *s, const char *text, struct failure *why)
{
	char *line = memory_string(text), *colon = strchr(line, ':');
	struct http_header *header = &s->header_list[s->options.header_count];

	s->lines[s->line_count++] = line;
	if (!colon)
		return refuse(line,
			      strchr(line, ';') ? "not \"Name: value\"; a header without a "
						  "value is not sent"
						: "not \"Name: value\"",
			      why);
	*colon = '\0';
	*header = (struct http_header){ .name = line, .value = trimmed(colon + 1) };
	if (!http_name_valid(header->name, strlen(header->name)))
		return refuse(line, "no name of a header has such characters", why);
	if (!http_value_valid(header->value, strlen(header->value)))
		return refuse(line, "control characters have no place in its value", why);
	s->options.header_count++;
	return check_own(header->name, header->value, why);
}

/* Lines of a file; empty ones are passed over. */
static bool add_lines(struct get_setup *s, char *text, struct failure *why)
{
	while (*text) {
		char *end = text + strcspn(text, "\n"), *next = *end ? end + 1 : end;

		*end = '\0';
		if (end > text && end[-1] == '\r')
			end[-1] = '\0';
		if (*text && s->line_count == LINES_MAX)
			return refuse("...", "more than 200 headers", why);
		if (*text && !add_line(s, text, why))
			return false;
		text = next;
	}
	return true;
}

static bool add_file(struct get_setup *s, const char *file, struct failure *why)
{
	char *text;
	bool good;

	if (!text_input(&s->headers, "--header", file, why))
		return false;
	text = buffer_text(&s->headers);
	if (!text || strlen(text) != s->headers.length) {
		fail(why, FAILURE_INPUT, "--header: %s holds a NUL", file);
		return false;
	}
	good = add_lines(s, text, why);
	memory_wipe(buffer_bytes(&s->headers), s->headers.length);
	buffer_free(&s->headers);
	return good;
}

bool get_headers_add(struct get_setup *s, const struct option_list *given, struct failure *why)
{
	s->header_list = memory_zeroed(LINES_MAX + 1, sizeof *s->header_list);
	s->lines = memory_zeroed(LINES_MAX + 1, sizeof *s->lines);
	s->options.headers = s->header_list;
	for (size_t i = 0; i < given->count; i++) {
		const char *text = given->items[i];

		if (s->line_count == LINES_MAX)
			return refuse("...", "more than 200 headers", why);
		if (!(*text == '@' ? add_file(s, text + 1, why) : add_line(s, text, why)))
			return false;
	}
	return true;
}
