/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_TESTS_FUZZ_HTTP_EXPECTED_H
#define SOCKUTIL_TESTS_FUZZ_HTTP_EXPECTED_H
/*
 * What a response means, read from all of its bytes at once by the plainest rules of RFC 9112. It
 * knows only what nobody could read in another way; everything else is "unknown".
 */
#include "fuzz.h"

#include <ctype.h>
#include <stdbool.h>
#include <strings.h>

enum expected_end {
	EXPECTED_UNKNOWN,
	EXPECTED_WHOLE,    /* head and body are there */
	EXPECTED_CUT,      /* the head, and a body that is not all there */
	EXPECTED_TO_CLOSE, /* whole when the connection ends in order, otherwise cut */
};

struct expected {
	enum expected_end end;
	const uint8_t *bytes;
	size_t size, at; /* at: behind what was read */
	int minor, status;
	unsigned interims;
	bool has_length, chunked, close, keep;
	uint64_t length;
	uint8_t *body; /* of size bytes */
	size_t body_length;
};

/* A line of visible characters and blanks up to CR LF, without them. False: there is none. */
static inline bool expected_line(struct expected *e, const char **line, size_t *length)
{
	size_t i = e->at;

	while (i < e->size && e->bytes[i] >= ' ' && e->bytes[i] < 0x7f)
		i++;
	if (e->size - i < 2 || e->bytes[i] != '\r' || e->bytes[i + 1] != '\n')
		return false;
	*line = (const char *)e->bytes + e->at;
	*length = i - e->at;
	e->at = i + 2;
	return true;
}

static inline bool expected_is(const char *text, size_t length, const char *word)
{
	return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

static inline bool expected_status(struct expected *e)
{
	const char *line;
	size_t length;

	if (!expected_line(e, &line, &length) || length < 12 || memcmp(line, "HTTP/1.", 7) != 0 ||
	    (line[7] != '0' && line[7] != '1') || line[8] != ' ' || line[9] < '1' ||
	    line[9] > '5' || !isdigit(line[10]) || !isdigit(line[11]) ||
	    (length > 12 && line[12] != ' '))
		return false;
	e->minor = line[7] - '0';
	e->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + line[11] - '0';
	return true;
}

static inline bool expected_length(struct expected *e, const char *value, size_t length)
{
	if (e->has_length || length == 0 || length > 15)
		return false;
	e->has_length = true;
	e->length = 0;
	for (size_t i = 0; i < length; i++) {
		if (!isdigit((unsigned char)value[i]))
			return false;
		e->length = e->length * 10 + (uint64_t)(value[i] - '0');
	}
	return true;
}

static inline bool expected_connection(struct expected *e, const char *value, size_t length)
{
	if (e->close || e->keep)
		return false;
	e->close = expected_is(value, length, "close");
	e->keep = expected_is(value, length, "keep-alive");
	return e->close || e->keep;
}

/* "Name: value"; the value has no blanks around it and is not empty. */
static inline bool expected_field(struct expected *e, const char *line, size_t length)
{
	size_t name = 0;
	const char *value;

	while (name < length && (isalnum((unsigned char)line[name]) || line[name] == '-'))
		name++;
	if (name == 0 || length < name + 3 || memcmp(line + name, ": ", 2) != 0)
		return false;
	value = line + name + 2;
	length -= name + 2;
	if (value[0] == ' ' || value[length - 1] == ' ')
		return false;
	if (expected_is(line, name, "Content-Length"))
		return expected_length(e, value, length);
	if (expected_is(line, name, "Connection"))
		return expected_connection(e, value, length);
	if (!expected_is(line, name, "Transfer-Encoding"))
		return true;
	if (e->chunked || !expected_is(value, length, "chunked"))
		return false;
	return e->chunked = true;
}

static inline bool expected_head(struct expected *e)
{
	const char *line;
	size_t length = 0;

	e->has_length = e->chunked = e->close = e->keep = false;
	if (!expected_status(e))
		return false;
	for (int fields = 0; fields < 200; fields++) {
		if (!expected_line(e, &line, &length))
			return false;
		if (length == 0)
			return !(e->chunked && (e->has_length || e->minor == 0));
		if (!expected_field(e, line, length))
			return false;
	}
	return false;
}

/* count bytes of body, or as many as there are. */
static inline bool expected_take(struct expected *e, uint64_t count)
{
	size_t left = e->size - e->at;
	size_t n = count < left ? (size_t)count : left;

	if (n > 0)
		memcpy(e->body + e->body_length, e->bytes + e->at, n);
	e->body_length += n;
	e->at += n;
	return n == count;
}

/* One to six digits and nothing else. */
static inline bool expected_size(const char *line, size_t length, uint64_t *size)
{
	char digits[8] = "";
	char *end;

	if (length == 0 || length > 6 || !isxdigit((unsigned char)line[0]))
		return false;
	memcpy(digits, line, length);
	*size = strtoul(digits, &end, 16);
	return *end == '\0' && digits[1] != 'x' && digits[1] != 'X';
}

static inline enum expected_end expected_trailers(struct expected *e)
{
	struct expected ignored = { 0 };
	const char *line;
	size_t length;

	while (expected_line(e, &line, &length)) {
		if (length == 0)
			return EXPECTED_WHOLE;
		if (!expected_field(&ignored, line, length))
			return EXPECTED_UNKNOWN;
	}
	return e->at == e->size ? EXPECTED_CUT : EXPECTED_UNKNOWN;
}

static inline enum expected_end expected_chunks(struct expected *e)
{
	const char *line;
	size_t length;
	uint64_t size;

	for (;;) {
		if (e->at == e->size)
			return EXPECTED_CUT;
		if (!expected_line(e, &line, &length) || !expected_size(line, length, &size))
			return EXPECTED_UNKNOWN;
		if (size == 0)
			return expected_trailers(e);
		if (!expected_take(e, size) || e->at == e->size)
			return EXPECTED_CUT;
		if (!expected_line(e, &line, &length) || length > 0)
			return EXPECTED_UNKNOWN;
	}
}

/* The response at the start of the bytes to a request; free() its body. */
static inline void expected_read(struct expected *e, const uint8_t *bytes, size_t size,
				 bool to_head)
{
	*e = (struct expected){ .bytes = bytes, .size = size, .body = malloc(size + 1) };
	fuzz_check(e->body != NULL);
	do {
		if (!expected_head(e) || e->status == 101 || e->interims > 16)
			return;
	} while (e->status < 200 && ++e->interims <= 16);
	if (e->status < 200)
		return;
	if (to_head || e->status == 204 || e->status == 304)
		e->end = EXPECTED_WHOLE;
	else if (e->chunked)
		e->end = expected_chunks(e);
	else if (e->has_length)
		e->end = expected_take(e, e->length) ? EXPECTED_WHOLE : EXPECTED_CUT;
	else
		e->end = expected_take(e, size - e->at) ? EXPECTED_TO_CLOSE : EXPECTED_UNKNOWN;
}
#endif
