/* SPDX-License-Identifier: MIT */
/* What single reads brought, as lines for a person. */
#include <string.h>

#include <sockutil/chat/clean.h>
#include <sockutil/chat/simple_heard.h>

/* How long the character is that begins with this byte; 1 for those that begin none. */
static size_t character_length(unsigned char first)
{
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	return first >= 0xc2 && first <= 0xdf ? 2 : 1;
}

static bool continues(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Bytes at the end that may mean something else once more is there. */
static size_t cut_at_end(const char *bytes, size_t length)
{
	size_t back = 1;

	if (length == 0)
		return 0;
	if (bytes[length - 1] == '\r')
		return 1;
	while (back < length && back < CHAT_SIMPLE_CUT && continues(bytes[length - back]))
		back++;
	return character_length((unsigned char)bytes[length - back]) > back ? back : 0;
}

static bool line_give(const char *bytes, size_t length, chat_simple_line *line, void *data)
{
	struct buffer clean = { 0 };
	const bool made = chat_clean(&clean, bytes, length);

	if (made)
		line(data, clean.length > 0 ? buffer_bytes(&clean) : "", clean.length);
	buffer_free(&clean);
	return made;
}

/* Bytes of the line at the start; *skip: of its end. */
static size_t line_length(const char *bytes, size_t length, size_t *skip)
{
	const char *end = memchr(bytes, '\n', length);
	const size_t found = end ? (size_t)(end - bytes) : length;

	*skip = end ? 1 : 0;
	if (end && found > 0 && bytes[found - 1] == '\r') {
		++*skip;
		return found - 1;
	}
	return found;
}

static bool lines_give(struct chat_simple_heard *heard, const char *bytes, size_t length,
		       chat_simple_line *line, void *data)
{
	bool all = true;

	while (length > 0) {
		size_t skip = 0;
		const size_t size = line_length(bytes, length, &skip);

		if (size > 0 || !heard->open)
			all = line_give(bytes, size, line, data) && all;
		heard->open = skip == 0;
		bytes += size + skip;
		length -= size + skip;
	}
	return all;
}

bool chat_simple_hear(struct chat_simple_heard *heard, char *bytes, size_t length, bool last,
		      chat_simple_line *line, void *data)
{
	bytes -= heard->cut_length;
	length += heard->cut_length;
	memcpy(bytes, heard->cut, heard->cut_length);
	heard->cut_length = last ? 0 : cut_at_end(bytes, length);
	memcpy(heard->cut, bytes + length - heard->cut_length, heard->cut_length);
	return lines_give(heard, bytes, length - heard->cut_length, line, data);
}
