/* SPDX-License-Identifier: MIT */
/* Answers of HTTP/1 on their way: small ones gathered in the block and sent in one call, files by
 * sendfile(2) where the stream carries bytes unchanged. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/http/service1.h>
#include <sockutil/stream/layer_socket.h>

enum {
	/* Below it a file is copied behind its head: one call for both is cheaper than sendfile's
	 * pages. */
	COPY_MAX = 16 * 1024,
	HEAD_MAX = 512, /* of an answer, without the callee's fields */
};

/* ------ out of here ------ */

static struct http_service_block *block_of(const struct http_service1 *s)
{
	return s->service.options->block;
}

/* As stream_write, counted; a stream that takes less than all is behind. */
static enum io give(struct http_service1 *s, const char *bytes, size_t length, size_t *taken,
		    struct failure *why)
{
	const enum io r = stream_write(s->service.stream, bytes, length, taken, why);

	s->service.sent += *taken;
	s->unflushed = true;
	return r;
}

static enum io give_all(struct http_service1 *s, const char *bytes, size_t length, size_t *given,
			struct failure *why)
{
	while (*given < length) {
		size_t taken = 0;
		const enum io r = give(s, bytes + *given, length - *given, &taken, why);

		if (r != IO_DONE)
			return r;
		*given += taken;
	}
	return IO_DONE;
}

/* The kernel holds them for what follows; whatever does not work goes the ordinary way. */
static size_t give_ahead(struct http_service1 *s, const char *bytes, size_t length)
{
	const int fd = stream_raw_fd(s->service.stream, STREAM_WRITE);
	const ssize_t n = fd >= 0 ? http_service1_send_more(fd, bytes, length) : -1;

	if (n <= 0)
		return 0;
	stream_moved(s->service.stream, STREAM_WRITE, (size_t)n);
	s->service.sent += (uint64_t)n;
	return (size_t)n;
}

static enum io push_kept(struct http_service1 *s, struct failure *why)
{
	while (s->out.length > 0) {
		size_t taken = 0;
		const enum io r = give(s, buffer_bytes(&s->out), s->out.length, &taken, why);

		if (r != IO_DONE)
			return r;
		buffer_take(&s->out, taken);
	}
	return IO_DONE;
}

static enum io push_block(struct http_service1 *s, bool more, struct failure *why)
{
	struct http_service_block *block = block_of(s);
	const size_t length = block->out_length;
	size_t given = more && length > 0 ? give_ahead(s, block->out, length) : 0;
	const enum io r = give_all(s, block->out, length, &given, why);

	block->out_length = 0;
	if (r == IO_AGAIN && !buffer_add(&s->out, block->out + given, length - given))
		return fail(why, FAILURE_OTHER, "out of memory");
	return r;
}

static enum io push_flush(struct http_service1 *s, struct failure *why)
{
	const enum io r = s->unflushed ? stream_flush(s->service.stream, why) : IO_DONE;

	s->unflushed = r == IO_AGAIN;
	return r;
}

enum io http_service1_push(struct http_service1 *s, bool more, struct failure *why)
{
	struct http_service_block *block = block_of(s);
	enum io r = push_kept(s, why);

	if (r == IO_AGAIN && !buffer_add(&s->out, block->out, block->out_length))
		return fail(why, FAILURE_OTHER, "out of memory");
	if (r == IO_DONE)
		r = push_block(s, more, why);
	block->out_length = 0;
	return r == IO_DONE && !more ? push_flush(s, why) : r;
}

bool http_service1_put(struct http_service1 *s, const char *bytes, size_t length)
{
	struct http_service_block *block = block_of(s);
	struct failure why;

	/* A failure of the stream shows again when the turn ends. */
	if (length > sizeof(block->out) - block->out_length) {
		why.class = FAILURE_NONE;
		(void)http_service1_push(s, true, &why);
	}
	if (length > sizeof(block->out))
		return buffer_add(&s->out, bytes, length);
	memcpy(block->out + block->out_length, bytes, length);
	block->out_length += length;
	return true;
}

/* ------ the head ------ */

static char *add(char *at, const char *text, size_t length)
{
	memcpy(at, text, length);
	return at + length;
}

static char *add_number(char *at, uint64_t number)
{
	char digits[20];
	size_t count = 0;

	do
		digits[sizeof(digits) - ++count] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	return add(at, digits + sizeof(digits) - count, count);
}

#define ADD(at, literal) add(at, literal, sizeof(literal) - 1)

static char *add_status(char *at, int status)
{
	const char *reason;

	if (status == 200)
		return ADD(at, "HTTP/1.1 200 OK\r\nDate: ");
	reason = http_service_reason(status);
	at = ADD(at, "HTTP/1.1 ");
	at = add_number(at, (uint64_t)status);
	at = ADD(at, " ");
	at = add(at, reason, strlen(reason));
	return ADD(at, "\r\nDate: ");
}

/* Content-Length and what is said of the connection, at most HEAD_MAX bytes with the status line.
 */
static char *add_framing(const struct http_service1 *s, char *at, const struct http_answer *answer)
{
	if (http_service_status_has_body(answer->status)) {
		at = ADD(at, "Content-Length: ");
		at = add_number(at, http_answer_length(answer));
		at = ADD(at, "\r\n");
	}
	if (s->last)
		at = ADD(at, "Connection: close\r\n");
	else if (s->keep_alive)
		at = ADD(at, "Connection: keep-alive\r\n");
	return ADD(at, "\r\n");
}

static void put_head(struct http_service1 *s, const struct http_answer *answer)
{
	const char *date = http_service_date(block_of(s));
	char line[HEAD_MAX], *at;

	at = add_status(line, answer->status);
	at = add(at, date, strlen(date));
	at = ADD(at, "\r\n");
	(void)http_service1_put(s, line, (size_t)(at - line));
	(void)http_service1_put(s, answer->fields, answer->fields_length);
	at = add_framing(s, line, answer);
	(void)http_service1_put(s, line, (size_t)(at - line));
}

/* A body that nobody wants, or for which permission was asked and not given, may be longer than
 * the connection is worth. */
static bool body_is_too_much(const struct http_service1 *s)
{
	return !s->received && (s->expects || (s->framing.body == HTTP_BODY_LENGTH &&
					       s->body_left > HTTP_SERVICE_DROP_MAX));
}

void http_service1_answer(struct http_service_request *request, const struct http_answer *answer)
{
	struct http_service1 *s = http_service1_of(request->service);

	if (answer->last || s->draining || body_is_too_much(s))
		s->last = true;
	if (s->last)
		s->received = true;
	s->answered = true;
	s->held = false;
	request->status = answer->status;
	put_head(s, answer);
	s->answer = *answer;
	if (request->head || !http_service_status_has_body(answer->status))
		s->answer.piece_count = 0;
	s->sent = s->answer.piece_count == 0;
	s->piece = 0;
	s->piece_at = 0;
}

/* ------ the pieces ------ */

static void piece_given(struct http_service1 *s, uint64_t count)
{
	s->piece_at += count;
	s->request.sent += count;
}

/* Behind what is in the block already. */
static enum io send_copied(struct http_service1 *s, const struct http_service_piece *piece,
			   size_t length, struct failure *why)
{
	struct http_service_block *block = block_of(s);
	const struct http_answer one = { .pieces = piece, .piece_count = 1 };
	size_t got = 0;

	if (length > sizeof(block->out) - block->out_length) {
		const enum io r = http_service1_push(s, true, why);

		if (r != IO_DONE)
			return r;
	}
	if (!http_answer_read(&one, s->piece_at, block->out + block->out_length, length, &got, why))
		return IO_FAILED;
	block->out_length += got;
	piece_given(s, got);
	return IO_DONE;
}

/* Bytes that lie in memory, as they lie there. */
static enum io send_bytes(struct http_service1 *s, const struct http_service_piece *piece,
			  struct failure *why)
{
	size_t taken = 0;
	enum io r = http_service1_push(s, true, why);

	if (r != IO_DONE)
		return r;
	r = give(s, piece->bytes + s->piece_at, (size_t)(piece->length - s->piece_at), &taken, why);
	piece_given(s, taken);
	return r;
}

/* A file through the block; what the stream does not take is read again. */
static enum io send_read(struct http_service1 *s, const struct http_service_piece *piece,
			 struct failure *why)
{
	struct http_service_block *block = block_of(s);
	const struct http_answer one = { .pieces = piece, .piece_count = 1 };
	size_t got = 0, taken = 0;
	enum io r = http_service1_push(s, true, why);

	if (r != IO_DONE)
		return r;
	if (!http_answer_read(&one, s->piece_at, block->out, sizeof(block->out), &got, why))
		return IO_FAILED;
	r = give(s, block->out, got, &taken, why);
	piece_given(s, taken);
	s->budget -= taken < s->budget ? taken : s->budget;
	return r;
}

static enum io send_kernel(struct http_service1 *s, const struct http_service_piece *piece, int fd,
			   struct failure *why)
{
	struct stream *stream = s->service.stream;
	uint64_t most = piece->length - s->piece_at;
	enum io r = http_service1_push(s, true, why);
	ssize_t n;

	if (r != IO_DONE)
		return r;
	if (most > s->budget)
		most = s->budget;
	if (most > stream_raw_most(stream, STREAM_WRITE))
		most = stream_raw_most(stream, STREAM_WRITE);
	n = http_service1_send_file(fd, piece->fd, piece->offset + s->piece_at, (size_t)most);
	if (n == 0)
		return fail(why, FAILURE_INPUT, "the file became shorter while it was sent");
	if (n > 0) {
		stream_moved(stream, STREAM_WRITE, (size_t)n);
		s->service.sent += (uint64_t)n;
		s->budget -= (uint64_t)n;
		piece_given(s, (uint64_t)n);
		return IO_DONE;
	}
	/* File systems and systems without it (sendfile(2), EINVAL). */
	if (errno == EINVAL || errno == ENOSYS)
		return send_read(s, piece, why);
	return layer_socket_failed(stream, STREAM_WRITE, errno, why);
}

static enum io send_piece(struct http_service1 *s, const struct http_service_piece *piece,
			  struct failure *why)
{
	const uint64_t left = piece->length - s->piece_at;
	int fd;

	if (left <= COPY_MAX && s->out.length == 0)
		return send_copied(s, piece, (size_t)left, why);
	if (piece->bytes)
		return send_bytes(s, piece, why);
	if (s->budget == 0)
		return IO_AGAIN; /* others have their turn */
	fd = stream_raw_fd(s->service.stream, STREAM_WRITE);
	if (fd >= 0 && stream_raw_most(s->service.stream, STREAM_WRITE) > 0)
		return send_kernel(s, piece, fd, why);
	return send_read(s, piece, why);
}

enum io http_service1_send(struct http_service1 *s, struct failure *why)
{
	while (s->piece < s->answer.piece_count) {
		const struct http_service_piece *piece = &s->answer.pieces[s->piece];
		enum io r;

		if (s->piece_at >= piece->length) {
			s->piece++;
			s->piece_at = 0;
			continue;
		}
		r = send_piece(s, piece, why);
		if (r != IO_DONE)
			return r;
	}
	s->sent = true;
	return IO_DONE;
}
