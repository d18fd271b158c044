/* SPDX-License-Identifier: MIT */
/* http_head_fields.c - what the fields of a head say, and what may be written into one. */
#include <string.h>
#include <strings.h>

#include <sockutil/proto/http_head.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

const struct http_field *http_head_find(const struct http_head *head, const char *name,
					const struct http_field *after)
{
	const struct http_field *end = head->fields + head->field_count;
	const size_t length = strlen(name);

	for (const struct http_field *f = after ? after + 1 : head->fields; f < end; f++) {
		if (f->name_length == length && !strncasecmp(f->name, name, length))
			return f;
	}
	return NULL;
}

bool http_head_text(const struct http_head *head, const char *name, char *out, size_t size)
{
	const struct http_field *first = http_head_find(head, name, NULL), *other = first;

	if (!first || first->value_length >= size)
		return false;
	while ((other = http_head_find(head, name, other))) {
		if (other->value_length != first->value_length ||
		    memcmp(other->value, first->value, first->value_length))
			return false;
	}
	memcpy(out, first->value, first->value_length);
	out[first->value_length] = '\0';
	return true;
}

bool http_head_has_token(const struct http_head *head, const char *name, const char *token)
{
	const size_t wanted = strlen(token);
	const struct http_field *f = NULL;

	while ((f = http_head_find(head, name, f))) {
		const char *element;
		size_t cursor = 0, length;

		while (http_list_next(f->value, f->value_length, &cursor, &element, &length)) {
			if (length == wanted && !strncasecmp(element, token, length))
				return true;
		}
	}
	return false;
}

/* Where the element at start ends: at a comma outside quotes, or at the end. */
static size_t element_end(const char *value, size_t length, size_t start)
{
	bool quoted = false;
	size_t i;

	for (i = start; i < length && (quoted || value[i] != ','); i++) {
		if (value[i] == '"')
			quoted = !quoted;
		else if (quoted && value[i] == '\\' && i + 1 < length)
			i++;
	}
	return i;
}

bool http_list_next(const char *value, size_t length, size_t *cursor, const char **element,
		    size_t *element_length)
{
	while (*cursor < length) {
		size_t start = *cursor, end = element_end(value, length, start);

		*cursor = end + (end < length);
		while (start < end && blank(value[start]))
			start++;
		while (end > start && blank(value[end - 1]))
			end--;
		if (start == end)
			continue; /* "a,,b": RFC 9110, 5.6.1.2 */
		*element = value + start;
		*element_length = end - start;
		return true;
	}
	return false;
}

static bool token_character(char c)
{
	const char lower = (char)(c | 0x20);

	return (lower >= 'a' && lower <= 'z') || c == '-' || (c >= '0' && c <= '9') ||
	       (c && strchr("!#$%&'*+.^_`|~", c));
}

bool http_token_valid(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!token_character(text[i]))
			return false;
	}
	return length > 0;
}

bool http_name_valid(const char *name, size_t length)
{
	return http_token_valid(name, length);
}

bool http_value_valid(const char *value, size_t length)
{
	if (length && (blank(value[0]) || blank(value[length - 1])))
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)value[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}
