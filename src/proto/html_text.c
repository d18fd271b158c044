/* SPDX-License-Identifier: MIT */
/* html_text.c - text of others in a page. */
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/proto/host_name.h>
#include <sockutil/proto/html_text.h>

/* NULL: it may stand as it is. */
static const char *reference(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

bool html_text_add(struct buffer *out, const char *text, size_t length)
{
	size_t step;

	for (size_t i = 0; i < length; i += step) {
		uint32_t point = 0;
		const char *shown = reference(text[i]);

		step = utf8_decode(text + i, length - i, &point);
		if (!step || host_name_is_control(point))
			shown = "\xef\xbf\xbd";
		if (!buffer_add(out, shown ? shown : text + i, shown ? strlen(shown) : step))
			return false;
		step += !step;
	}
	return true;
}
