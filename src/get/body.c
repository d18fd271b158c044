/* SPDX-License-Identifier: MIT */
/* src/get/body.c - what a request sends: pieces of memory and of files. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/utf8.h>
#include <sockutil/get/body_parts.h>
#include <sockutil/proto/url.h>

/* --- making one ------------------------------------------------------------------------------- */

static bool no_memory(struct failure *why)
{
	fail(why, FAILURE_INPUT, "the body does not fit into memory");
	return false;
}

static bool add_piece(struct body_maker *m, struct body_piece piece, struct failure *why)
{
	struct get_body *b = m->body;
	struct body_piece *more = realloc(b->pieces, (b->count + 1) * sizeof(*more));

	if (!more) {
		free(piece.bytes);
		free(piece.file);
		return no_memory(why);
	}
	b->pieces = more;
	b->pieces[b->count++] = piece;
	return true;
}

static void make(struct body_maker *m)
{
	if (!m->body)
		m->body = memory_zeroed(1, sizeof(*m->body));
}

/* What was gathered becomes a piece. */
static bool add_gathered(struct body_maker *m, struct failure *why)
{
	const size_t length = m->text.length;
	struct body_piece piece = { .kind = BODY_MEMORY, .size = length };

	if (length == 0)
		return true;
	piece.bytes = malloc(length);
	if (!piece.bytes)
		return no_memory(why);
	memcpy(piece.bytes, buffer_bytes(&m->text), length);
	buffer_free(&m->text);
	return add_piece(m, piece, why);
}

bool body_add_text(struct body_maker *m, const void *bytes, size_t length, struct failure *why)
{
	return buffer_add(&m->text, bytes, length) || no_memory(why);
}

/* Its second reader would find nothing. */
static bool take_stdin(struct body_maker *m, const char *file, struct failure *why)
{
	if (strcmp(file, "-") != 0)
		return true;
	if (m->stdin_taken) {
		fail(why, FAILURE_USAGE, "@-: standard input can be sent once only");
		return false;
	}
	m->stdin_taken = true;
	return true;
}

bool body_add_file(struct body_maker *m, const char *file, struct failure *why)
{
	struct body_piece piece = { .kind = BODY_FILE };
	bool regular;
	int fd;

	make(m);
	if (!take_stdin(m, file, why))
		return false;
	fd = body_file_open(file, &piece.size, &regular, why);
	if (fd < 0)
		return false;
	if (!regular)
		return body_file_read(&m->text, fd, file, why);
	close(fd);
	if (!add_gathered(m, why))
		return false;
	piece.file = memory_string(file);
	return add_piece(m, piece, why);
}

/* False: more than a length can say. */
static bool count_length(struct get_body *b)
{
	for (size_t i = 0; i < b->count; i++) {
		if (b->pieces[i].size > (uint64_t)(INT64_MAX - b->length))
			return false;
		b->length += (int64_t)b->pieces[i].size;
	}
	return true;
}

struct get_body *body_made(struct body_maker *m, char *type, bool ok, struct failure *why)
{
	struct get_body *b;

	make(m);
	ok = ok && add_gathered(m, why);
	buffer_free(&m->text);
	b = m->body;
	b->type = type;
	*m = (struct body_maker){ 0 };
	if (ok && !count_length(b)) {
		fail(why, FAILURE_INPUT, "the files together have more bytes than can be counted");
		ok = false;
	}
	if (ok)
		return b;
	get_body_free(b);
	return NULL;
}

void get_body_free(struct get_body *body)
{
	if (!body)
		return;
	for (size_t i = 0; i < body->count; i++) {
		free(body->pieces[i].bytes);
		free(body->pieces[i].file);
	}
	free(body->pieces);
	free(body->type);
	free(body);
}

/* --- --data, --data-json, --upload ------------------------------------------------------------ */

struct get_body *get_body_data(const char *const *pieces, size_t count, struct failure *why)
{
	struct body_maker m = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++) {
		ok = i == 0 || body_add_text(&m, "&", 1, why);
		if (ok)
			ok = *pieces[i] == '@'
				     ? body_add_file(&m, pieces[i] + 1, why)
				     : body_add_text(&m, pieces[i], strlen(pieces[i]), why);
	}
	return body_made(&m, memory_string("application/x-www-form-urlencoded"), ok, why);
}

/* RFC 3986, 3.4, and the percent sign of what is encoded already. */
static bool stands_in_query(char c)
{
	return c > ' ' && c < '\177' && !strchr("\"#<>[\\]^`{|}", c);
}

static bool add_encoded(struct buffer *out, const char *bytes, size_t length)
{
	bool ok = true;

	for (size_t i = 0; ok && i < length; i++)
		ok = stands_in_query(bytes[i])
			     ? buffer_add(out, bytes + i, 1)
			     : buffer_format(out, "%%%02X", (unsigned)(unsigned char)bytes[i]);
	return ok;
}

bool get_body_query(struct buffer *out, const char *const *pieces, size_t count,
		    struct failure *why)
{
	struct get_body *body = get_body_data(pieces, count, why);
	struct stream *s = body ? get_body_open(body, why) : NULL;
	enum io r = s ? IO_DONE : IO_FAILED;
	const size_t before = out->length;
	char block[4096];
	size_t n;

	while (r == IO_DONE) {
		r = stream_read(s, block, sizeof(block), &n, why);
		if (r == IO_DONE && (out->length - before > URL_MAX || !add_encoded(out, block, n)))
			r = fail(why, FAILURE_USAGE,
				 "--data in an URL (-G): more than %d bytes do not fit", URL_MAX);
	}
	stream_free(s);
	get_body_free(body);
	return r == IO_END;
}

/* All of a file, or the text itself. */
static bool json_read(struct buffer *out, const char *text, struct failure *why)
{
	uint64_t size;
	bool regular;
	int fd;

	if (*text != '@')
		return buffer_add(out, text, strlen(text)) || no_memory(why);
	fd = body_file_open(text + 1, &size, &regular, why);
	return fd >= 0 && body_file_read(out, fd, text + 1, why);
}

struct get_body *get_body_json(const char *text, struct failure *why)
{
	struct body_maker m = { 0 };
	bool ok = json_read(&m.text, text, why);

	if (ok && !utf8_valid(buffer_bytes(&m.text), m.text.length)) {
		if (*text == '@')
			fail(why, FAILURE_INPUT, "%s: is not UTF-8, which JSON is",
			     body_file_name(text + 1));
		else
			fail(why, FAILURE_USAGE, "--data-json: the text is not UTF-8");
		ok = false;
	}
	return body_made(&m, memory_string("application/json"), ok, why);
}

struct get_body *get_body_upload(const char *file, struct failure *why)
{
	struct body_piece piece = { .kind = BODY_STREAM };
	struct body_maker m = { 0 };
	struct get_body *body;
	bool regular;

	if (!body_file_look(file, &piece.size, &regular, why))
		return NULL;
	make(&m);
	piece.file = memory_string(file);
	piece.kind = regular ? BODY_FILE : BODY_STREAM;
	body = body_made(&m, NULL, add_piece(&m, piece, why), why);
	if (body && !regular)
		body->length = -1;
	return body;
}

/* --- use -------------------------------------------------------------------------------------- */

const char *get_body_type(const struct get_body *body)
{
	return body->type;
}

int64_t get_body_length(const struct get_body *body)
{
	return body->length;
}

bool get_body_repeatable(const struct get_body *body)
{
	return body->length >= 0;
}

struct stream *get_body_open(struct get_body *body, struct failure *why)
{
	struct stream *s = NULL;

	if (body->opened && !get_body_repeatable(body))
		fail(why, FAILURE_INPUT, "%s: cannot be sent a second time",
		     body_file_name(body->pieces->file));
	else
		s = body_stream_new(body, why);
	body->opened = body->opened || s;
	return s;
}
