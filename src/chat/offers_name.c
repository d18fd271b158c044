/* SPDX-License-Identifier: MIT */
/* offers_name.c - what both sides of an offer look at: a file's name, a digest. */
#include <string.h>

#include <sockutil/chat/clean.h>
#include <sockutil/chat/offers.h>

/* Behind the last slash or backslash, so that those that cleaning brings are told from those that
 * came. */
static struct chat_slice last_part(struct chat_slice name)
{
	for (size_t i = name.length; i > 0; i--)
		if (name.bytes[i - 1] == '/' || name.bytes[i - 1] == '\\')
			return (struct chat_slice){ name.bytes + i, name.length - i };
	return name;
}

bool chat_offer_name(struct chat_slice name, char out[static FILE_NAME_MAX])
{
	const struct chat_slice part = last_part(name);
	struct buffer clean = { 0 };
	char *text;
	bool safe;

	if (part.length == 0 || part.length >= FILE_NAME_MAX)
		return false;
	text = chat_clean(&clean, part.bytes, part.length) ? buffer_text(&clean) : NULL;
	/* "a\u{202e}b" as a name would be a path to those who take a backslash for one. */
	for (char *c = text; c && *c; c++)
		if (*c == '\\' || *c == '\t')
			*c = '_';
	safe = text && file_name_from_network(text, out);
	buffer_free(&clean);
	return safe;
}

bool chat_offer_digest(struct chat_slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!memchr("0123456789abcdef", text.bytes[i], 16))
			return false;
	return text.length == CHAT_OFFER_SHA256;
}
