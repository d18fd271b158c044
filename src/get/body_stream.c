/* SPDX-License-Identifier: MIT */
/* src/get/body_stream.c - the pieces of a body as one stream to be read. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/get/body_parts.h>
#include <sockutil/stream/layer_stdio.h>

/* Invariants: at < count means that piece is at its turn; fd is open exactly when that is a file;
 * below is there exactly when the body is a BODY_STREAM. */
struct body_stream {
	struct stream stream;
	const struct get_body *body;
	size_t at;
	uint64_t done; /* bytes of the piece */
	int fd;
};

static struct body_stream *stream_of(const struct stream *s)
{
	return (struct body_stream *)(uintptr_t)s;
}

static const struct body_piece *piece_now(const struct body_stream *b)
{
	return b->at < b->body->count ? &b->body->pieces[b->at] : NULL;
}

/* --- files ------------------------------------------------------------------------------------ */

static enum io file_changed(const struct body_piece *piece, uint64_t size, struct failure *why)
{
	return fail(why, FAILURE_INPUT,
		    "%s: has %llu bytes now, it had %llu when its size was taken", piece->file,
		    (unsigned long long)size, (unsigned long long)piece->size);
}

static enum io file_begin(struct body_stream *b, struct failure *why)
{
	const struct body_piece *piece = piece_now(b);
	uint64_t size;
	bool regular;

	if (!piece || piece->kind != BODY_FILE || b->fd >= 0)
		return IO_DONE;
	b->fd = body_file_open(piece->file, &size, &regular, why);
	if (b->fd < 0)
		return IO_FAILED;
	if (regular && size == piece->size)
		return IO_DONE;
	return regular ? file_changed(piece, size, why)
		       : fail(why, FAILURE_INPUT, "%s: is no regular file any more", piece->file);
}

/* All that was announced has been given: it has to be all there is. */
static enum io file_end(struct body_stream *b, struct failure *why)
{
	struct stat status;

	if (fstat(b->fd, &status) == 0 && (uint64_t)status.st_size != piece_now(b)->size)
		return file_changed(piece_now(b), (uint64_t)status.st_size, why);
	close(b->fd);
	b->fd = -1;
	return IO_DONE;
}

/* 0 bytes: it became shorter. */
static enum io file_read(struct body_stream *b, void *buf, size_t len, size_t *nread,
			 struct failure *why)
{
	const struct body_piece *piece = piece_now(b);
	ssize_t n;

	do
		n = read(b->fd, buf, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail_errno(why, FAILURE_INPUT, errno, "%s", piece->file);
	if (n == 0)
		return file_changed(piece, b->done, why);
	*nread = (size_t)n;
	b->done += *nread;
	return IO_DONE;
}

/* --- the stream ------------------------------------------------------------------------------- */

/* To the piece that has bytes left. IO_END: there is none. */
static enum io stream_advance(struct body_stream *b, struct failure *why)
{
	const struct body_piece *piece;

	while ((piece = piece_now(b))) {
		enum io r = file_begin(b, why);

		if (r != IO_DONE)
			return r;
		if (b->done < piece->size)
			return IO_DONE;
		r = piece->kind == BODY_FILE ? file_end(b, why) : IO_DONE;
		if (r != IO_DONE)
			return r;
		b->at++;
		b->done = 0;
	}
	return IO_END;
}

static enum io body_read(struct stream *s, void *buf, size_t len, size_t *nread,
			 struct failure *why)
{
	struct body_stream *b = stream_of(s);
	const struct body_piece *piece;
	enum io r;

	*nread = 0;
	if (s->below)
		return stream_read(s->below, buf, len, nread, why);
	r = stream_advance(b, why);
	if (r != IO_DONE)
		return r;
	piece = piece_now(b);
	if (len > piece->size - b->done)
		len = (size_t)(piece->size - b->done);
	if (piece->kind == BODY_FILE)
		return file_read(b, buf, len, nread, why);
	memcpy(buf, piece->bytes + b->done, len);
	b->done += len;
	*nread = len;
	return IO_DONE;
}

static uint64_t body_raw_most(const struct stream *s, enum stream_side side)
{
	const struct body_stream *b = stream_of(s);

	if (s->below || side == STREAM_WRITE)
		return UINT64_MAX;
	return b->fd >= 0 ? piece_now(b)->size - b->done : 0;
}

static int body_raw_fd(const struct stream *s, enum stream_side side)
{
	if (side == STREAM_WRITE)
		return -1;
	/* Above another stream any descriptor says that bytes pass unchanged. */
	if (s->below)
		return STDIN_FILENO;
	return body_raw_most(s, side) > 0 ? stream_of(s)->fd : -1;
}

static void body_moved(struct stream *s, enum stream_side side, size_t count)
{
	if (side == STREAM_READ)
		stream_of(s)->done += count;
}

static void body_stream_free(struct stream *s)
{
	if (stream_of(s)->fd >= 0)
		close(stream_of(s)->fd);
	free(s);
}

/* Pieces never wait, and what is below does that itself. */
static const struct stream_ops body_ops = {
	.name = "body",
	.read = body_read,
	.raw_fd = body_raw_fd,
	.raw_most = body_raw_most,
	.moved = body_moved,
	.free = body_stream_free,
};

/* As it comes: stdin or what has no size. */
static bool stream_below(struct body_stream *b, struct failure *why)
{
	const char *file = b->body->pieces->file;
	uint64_t size;
	bool regular;
	const int fd =
		strcmp(file, "-") == 0 ? STDIN_FILENO : body_file_open(file, &size, &regular, why);

	if (fd < 0)
		return false;
	b->stream.below = layer_stdio_new(fd, -1, body_file_name(file), NULL);
	return true;
}

struct stream *body_stream_new(const struct get_body *body, struct failure *why)
{
	struct body_stream *b = memory_zeroed(1, sizeof(*b));
	const bool streamed = body->count > 0 && body->pieces->kind == BODY_STREAM;

	b->stream.ops = &body_ops;
	b->body = body;
	b->fd = -1;
	/* A first file that cannot be opened is known before anything is asked for. */
	if (streamed ? stream_below(b, why) : stream_advance(b, why) != IO_FAILED)
		return &b->stream;
	stream_free(&b->stream);
	return NULL;
}
