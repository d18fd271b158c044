/* SPDX-License-Identifier: MIT */
/* src/chat/lines.c - bytes as they come, lines as they are meant. */
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/chat/lines.h>

/* So much of a line without an end shows that it is too long, even if CR LF came now, and holds the
 * whole character that the limit may cut. */
enum { BEGUN_MAX = CHAT_LINE_MAX + 4 };

/* length: with a CR that is not part of it, without the LF. */
static void give(struct chat_lines_line *out, const char *bytes, size_t length, bool ended)
{
	if (ended && length && bytes[length - 1] == '\r')
		length--;
	out->bytes = bytes ? bytes : "";
	out->length = utf8_cut(bytes, length, CHAT_LINE_MAX);
	out->cut = length > CHAT_LINE_MAX;
}

/* Bytes up to the end of line, with it; all when there is none. */
static size_t up_to_end(const char *bytes, size_t length, bool *ended)
{
	const char *end = length ? memchr(bytes, '\n', length) : NULL;

	*ended = end;
	return end ? (size_t)(end - bytes) + 1 : length;
}

/* Adds to the begun line what is missing to know what it is; false when memory is short. */
static bool keep(struct chat_lines *lines, const char *bytes, size_t count)
{
	const size_t room = BEGUN_MAX - lines->begun.length;

	return buffer_add(&lines->begun, bytes, count < room ? count : room);
}

/* A line that lies whole, or long enough, in the bytes that came. */
static bool give_in_place(struct chat_lines *lines, const char *bytes, size_t count, bool ended,
			  struct chat_lines_line *out)
{
	if (!ended && count < BEGUN_MAX)
		return false;
	give(out, bytes, ended ? count - 1 : count, ended);
	lines->dropping = !ended;
	return true;
}

static bool give_begun(struct chat_lines *lines, const char *bytes, size_t count, bool ended,
		       struct chat_lines_line *out)
{
	/* The LF is kept from begun: it may have no room, and is not part of the line. */
	const bool kept = keep(lines, bytes, ended ? count - 1 : count);

	if (kept && !ended && lines->begun.length < BEGUN_MAX)
		return false;
	give(out, buffer_bytes(&lines->begun), lines->begun.length, ended);
	out->cut = out->cut || !kept;
	lines->given = true;
	lines->dropping = !ended;
	return true;
}

static void forget_given(struct chat_lines *lines)
{
	if (!lines->given)
		return;
	buffer_free(&lines->begun);
	lines->given = false;
}

bool chat_lines_next(struct chat_lines *lines, const char **bytes, size_t *length,
		     struct chat_lines_line *out)
{
	forget_given(lines);
	while (*length) {
		const char *const start = *bytes;
		bool ended;
		const size_t count = up_to_end(start, *length, &ended);

		*bytes += count;
		*length -= count;
		if (lines->dropping)
			lines->dropping = !ended;
		else if ((!lines->begun.length && give_in_place(lines, start, count, ended, out)) ||
			 give_begun(lines, start, count, ended, out))
			return true;
	}
	return false;
}

bool chat_lines_last(struct chat_lines *lines, struct chat_lines_line *out)
{
	forget_given(lines);
	if (!lines->begun.length)
		return false;
	give(out, buffer_bytes(&lines->begun), lines->begun.length, true);
	lines->given = true;
	return true;
}

void chat_lines_free(struct chat_lines *lines)
{
	buffer_free(&lines->begun);
	*lines = (struct chat_lines){ 0 };
}
