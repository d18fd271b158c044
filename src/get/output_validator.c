/* SPDX-License-Identifier: MIT */
/* src/get/output_validator.c - the text beside a part: what it is a part of. */
#include <stdio.h>
#include <string.h>

#include <sockutil/base/number.h>
#include <sockutil/get/output_parts.h>

void output_validator_clear(struct validator *v)
{
	v->etag[0] = v->last_modified[0] = v->url[0] = '\0';
	v->total = UINT64_MAX;
}

/* It goes into a request: nothing that could end its line. */
static bool value_is_plain(const char *value, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)value[i] < ' ' || value[i] == '\177')
			return false;
	return length > 0;
}

/* RFC 9110, 8.8.3; a weak one says nothing of the bytes. */
static bool etag_is_strong(const char *etag)
{
	const size_t length = strlen(etag);

	return length >= 2 && etag[0] == '"' && strchr(etag + 1, '"') == etag + length - 1 &&
	       value_is_plain(etag, length);
}

bool output_validator_identifies(const struct validator *v)
{
	return etag_is_strong(v->etag) ||
	       value_is_plain(v->last_modified, strlen(v->last_modified));
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool validator_add(struct buffer *out, const char *key, const char *value)
{
	return !value_is_plain(value, strlen(value)) || buffer_format(out, "%s %s\n", key, value);
}

static bool validator_add_number(struct buffer *out, const char *key, uint64_t value)
{
	return value == UINT64_MAX ||
	       buffer_format(out, "%s %llu\n", key, (unsigned long long)value);
}

bool output_validator_text(struct buffer *out, const struct validator *v, uint64_t held)
{
	/* The line that is always there is the last one: without it the file was cut. */
	return (!etag_is_strong(v->etag) || validator_add(out, "etag", v->etag)) &&
	       validator_add(out, "last-modified", v->last_modified) &&
	       validator_add_number(out, "total", v->total) &&
	       validator_add_number(out, "held", held) && buffer_format(out, "url %s\n", v->url);
}

/* --- reading ---------------------------------------------------------------------------------- */

struct lines {
	const char *at, *end;
};

/* The value of the next line if it has that key. False: it has another, or there is none. */
static bool lines_take(struct lines *l, const char *key, const char **value, size_t *length)
{
	const size_t key_length = strlen(key);
	const char *end;

	if ((size_t)(l->end - l->at) <= key_length || memcmp(l->at, key, key_length) != 0 ||
	    l->at[key_length] != ' ')
		return false;
	*value = l->at + key_length + 1;
	end = memchr(*value, '\n', (size_t)(l->end - *value));
	if (!end)
		return false;
	*length = (size_t)(end - *value);
	l->at = end + 1;
	return true;
}

/* Leaves out alone when there is no such line. */
static bool lines_text(struct lines *l, const char *key, char *out, size_t size)
{
	const char *value;
	size_t length;

	if (!lines_take(l, key, &value, &length))
		return true;
	if (length >= size || !value_is_plain(value, length))
		return false;
	memcpy(out, value, length);
	out[length] = '\0';
	return true;
}

static bool lines_number(struct lines *l, const char *key, uint64_t *out)
{
	const char *value;
	size_t length;

	return !lines_take(l, key, &value, &length) ||
	       number_parse_bytes(value, length, UINT64_MAX - 1, out);
}

bool output_validator_parse(const char *text, size_t length, struct validator *v, uint64_t *held)
{
	struct lines l = { text, text + length };

	output_validator_clear(v);
	*held = UINT64_MAX;
	return lines_text(&l, "etag", v->etag, sizeof(v->etag)) &&
	       lines_text(&l, "last-modified", v->last_modified, sizeof(v->last_modified)) &&
	       lines_number(&l, "total", &v->total) && lines_number(&l, "held", held) &&
	       lines_text(&l, "url", v->url, sizeof(v->url)) && v->url[0] && l.at == l.end &&
	       (!v->etag[0] || etag_is_strong(v->etag)) && !strchr(v->url, ' ');
}
