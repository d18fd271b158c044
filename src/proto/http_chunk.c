/* SPDX-License-Identifier: MIT */
/* http_chunk.c - what stands between the bytes of a chunked body. */
#include <assert.h>

#include <sockutil/proto/http_chunk.h>
#include <sockutil/proto/http_head.h>

/* What the next byte belongs to. */
enum state {
	SIZE,
	BLANKS, /* behind the size */
	EXTENSION,
	LINE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER, /* the first byte of a trailer line, or of the empty one */
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	END_LF,
	END,
};

enum { SIZE_DIGITS_MAX = 16 };

/* Framing that each chunk may have without being counted against its data: a size, two line ends
 * and a little of an extension. */
enum { OVERHEAD_FREE = 16 };

static enum io refused(struct failure *why, const char *where, char c)
{
	const unsigned char byte = (unsigned char)c;

	if (byte == '\r' || byte == '\n')
		return fail(why, FAILURE_PROTOCOL, "%s: a bare %s", where,
			    byte == '\r' ? "CR" : "LF");
	if (byte > 0x20 && byte < 0x7f)
		return fail(why, FAILURE_PROTOCOL, "%s: unexpected \"%c\"", where, c);
	return fail(why, FAILURE_PROTOCOL, "%s: unexpected byte 0x%02x", where, byte);
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static enum io take_digit(struct http_chunk *c, unsigned value, struct failure *why)
{
	if (++c->digits > SIZE_DIGITS_MAX)
		return fail(why, FAILURE_PROTOCOL, "chunk size of more than %d digits",
			    SIZE_DIGITS_MAX);
	if (c->size > (uint64_t)INT64_MAX >> 4)
		return fail(why, FAILURE_PROTOCOL, "chunk size over 63 bits");
	c->size = c->size << 4 | value;
	return IO_DONE;
}

static enum io take_size(struct http_chunk *c, char byte, struct failure *why)
{
	const int value = digit_value(byte);

	if (c->state == SIZE && value >= 0)
		return take_digit(c, (unsigned)value, why);
	if (!c->digits)
		return refused(why, "chunk size", byte);
	if (byte == '\r')
		c->state = LINE_LF;
	else if (byte == ';')
		c->state = EXTENSION;
	else if (blank(byte))
		c->state = BLANKS;
	else
		return refused(why, "chunk size", byte);
	return IO_DONE;
}

/* Up to a carriage return, after which comes next. */
static enum io take_text(struct http_chunk *c, char byte, enum state next, const char *where,
			 struct failure *why)
{
	if (byte == '\r')
		c->state = (int)next;
	else if (control(byte))
		return refused(why, where, byte);
	return IO_DONE;
}

/* The LF that a carriage return promised. */
static enum io take_lf(struct http_chunk *c, char byte, enum state next, const char *where,
		       struct failure *why)
{
	if (byte != '\n')
		return refused(why, where, '\r');
	c->state = (int)next;
	return IO_DONE;
}

static enum io take_data_end(struct http_chunk *c, char byte, struct failure *why)
{
	if (byte != (c->state == DATA_CR ? '\r' : '\n'))
		return fail(why, FAILURE_PROTOCOL, "no CRLF where a chunk ends by its size");
	c->state = c->state == DATA_CR ? DATA_LF : SIZE;
	return IO_DONE;
}

/* A response that starts where trailers should end is no trailer. */
static enum io take_trailer(struct http_chunk *c, char byte, struct failure *why)
{
	if (c->state == TRAILER && byte == '\r')
		c->state = END_LF;
	else if (c->state == TRAILER_NAME && byte == ':')
		c->state = TRAILER_VALUE;
	else if (http_token_valid(&byte, 1))
		c->state = TRAILER_NAME;
	else
		return refused(why, "trailer name", byte);
	return IO_DONE;
}

/* The line is complete. A peer that sends kilobytes of extensions a byte of data would keep us
 * busy without ever coming to a limit of bodies. */
static enum io begin_data(struct http_chunk *c, struct failure *why)
{
	const uint64_t worth = OVERHEAD_FREE + c->size;

	c->overhead += c->counted;
	c->overhead -= c->overhead < worth ? c->overhead : (size_t)worth;
	if (c->overhead > HTTP_CHUNK_OVERHEAD_MAX)
		return fail(why, FAILURE_PROTOCOL, "chunks with far more framing than data");
	c->left = c->size;
	c->state = c->size ? DATA : TRAILER;
	c->size = 0;
	c->digits = 0;
	c->counted = 0;
	return IO_DONE;
}

static enum io take_line_end(struct http_chunk *c, char byte, struct failure *why)
{
	if (byte != '\n')
		return refused(why, "chunk size", '\r');
	return begin_data(c, why);
}

static enum io take(struct http_chunk *c, char byte, struct failure *why)
{
	switch ((enum state)c->state) {
	case SIZE:
	case BLANKS:
		return take_size(c, byte, why);
	case EXTENSION:
		return take_text(c, byte, LINE_LF, "chunk extension", why);
	case LINE_LF:
		return take_line_end(c, byte, why);
	case DATA_CR:
	case DATA_LF:
		return take_data_end(c, byte, why);
	case TRAILER:
	case TRAILER_NAME:
		return take_trailer(c, byte, why);
	case TRAILER_VALUE:
		return take_text(c, byte, TRAILER_LF, "trailer", why);
	case TRAILER_LF:
		return take_lf(c, byte, TRAILER, "trailer", why);
	case END_LF:
		return take_lf(c, byte, END, "end of the trailers", why);
	case DATA:
	case END:
		break;
	}
	return IO_DONE;
}

static enum io count(struct http_chunk *c, struct failure *why)
{
	if (c->state == DATA_CR || c->state == DATA_LF)
		return IO_DONE;
	c->counted++;
	if (c->state < DATA && c->counted > HTTP_CHUNK_LINE_MAX)
		return fail(why, FAILURE_PROTOCOL, "the line of a chunk is longer than %d bytes",
			    HTTP_CHUNK_LINE_MAX);
	if (c->state > DATA && c->counted > HTTP_CHUNK_TRAILERS_MAX)
		return fail(why, FAILURE_PROTOCOL, "trailers of more than %d bytes",
			    HTTP_CHUNK_TRAILERS_MAX);
	return IO_DONE;
}

enum io http_chunk_next(struct http_chunk *c, const char *bytes, size_t length, size_t *used,
			struct failure *why)
{
	for (*used = 0; c->state != END; ++*used) {
		if (c->state == DATA) {
			if (c->left)
				return IO_DONE;
			c->state = DATA_CR;
		}
		if (*used == length)
			return IO_AGAIN;
		if (count(c, why) != IO_DONE || take(c, bytes[*used], why) != IO_DONE)
			return IO_FAILED;
	}
	return IO_END;
}

void http_chunk_taken(struct http_chunk *c, uint64_t count)
{
	assert(count <= c->left);
	c->left -= count;
}
