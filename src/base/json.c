/* SPDX-License-Identifier: MIT */
/* src/base/json.c - JSON, written. */
#include <string.h>

#include <sockutil/base/json.h>
#include <sockutil/base/utf8.h>

static bool json_escape(struct buffer *out, uint32_t point)
{
	switch (point) {
	case '"':
		return buffer_add(out, "\\\"", 2);
	case '\\':
		return buffer_add(out, "\\\\", 2);
	case '\n':
		return buffer_add(out, "\\n", 2);
	case '\r':
		return buffer_add(out, "\\r", 2);
	case '\t':
		return buffer_add(out, "\\t", 2);
	default:
		return buffer_format(out, "\\u%04x", (unsigned)point);
	}
}

bool json_string(struct buffer *out, const char *text, size_t length)
{
	bool ok = buffer_add(out, "\"", 1);

	while (ok && length > 0) {
		uint32_t point;
		size_t n = utf8_decode(text, length, &point);

		if (n == 0)
			ok = buffer_add(out, "\xef\xbf\xbd", 3);
		else if (point < 0x20 || point == '"' || point == '\\' ||
			 (point >= 0x7f && point < 0xa0))
			ok = json_escape(out, point);
		else
			ok = buffer_add(out, text, n);
		n = n ? n : 1;
		text += n;
		length -= n;
	}
	return ok && buffer_add(out, "\"", 1);
}

bool json_key(struct buffer *out, const char *key)
{
	char last = out->length ? buffer_bytes(out)[out->length - 1] : '{';
	bool comma = last != '{' && last != '[' && last != ',';

	return (!comma || buffer_add(out, ",", 1)) && json_string(out, key, strlen(key)) &&
	       buffer_add(out, ":", 1);
}

bool json_member(struct buffer *out, const char *key, const char *text)
{
	return json_key(out, key) &&
	       (text ? json_string(out, text, strlen(text)) : buffer_add(out, "null", 4));
}

bool json_member_integer(struct buffer *out, const char *key, int64_t value)
{
	return json_key(out, key) && buffer_format(out, "%lld", (long long)value);
}

bool json_member_bool(struct buffer *out, const char *key, bool value)
{
	return json_key(out, key) && buffer_format(out, value ? "true" : "false");
}
