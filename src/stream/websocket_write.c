/* SPDX-License-Identifier: MIT */
/* websocket_write.c - from what is written to frames, and our end. */
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/stream/websocket_parts.h>

enum {
	COMPRESS_MIN = 64, /* bytes: shorter messages gain nothing without what went before */
	PIECES_MAX = 64,
};

/* ------ what waits ------ */

static enum io send_out(struct layer_websocket *l, struct failure *why)
{
	while (l->out.length > 0) {
		size_t n = 0;
		const enum io r = stream_write(l->stream.below, buffer_bytes(&l->out),
					       l->out.length, &n, why);

		if (r == IO_AGAIN)
			return websocket_wait(l, STREAM_WRITE, STREAM_WRITE);
		if (r != IO_DONE)
			return r;
		buffer_take(&l->out, n);
	}
	return IO_DONE;
}

static void add_pong(struct layer_websocket *l)
{
	const struct iovec payload = { buffer_bytes(&l->pong), l->pong.length };

	if (!l->pong_owed || l->out.length > WEBSOCKET_ANSWER_ROOM)
		return;
	websocket_frame_add(l, WEBSOCKET_OP_PONG, 0, &payload, 1);
	buffer_free(&l->pong);
	l->pong_owed = false;
	l->owes = true;
}

enum io websocket_flush(struct stream *s, struct failure *why)
{
	struct layer_websocket *l = websocket_of(s);
	enum io r;

	add_pong(l);
	r = send_out(l, why);
	if (r == IO_DONE && l->pong_owed) {
		add_pong(l);
		r = send_out(l, why);
	}
	websocket_frame_rest(l);
	if (r == IO_DONE) {
		l->owes = false;
		r = stream_flush(s->below, why);
	}
	return r == IO_AGAIN ? websocket_wait(l, STREAM_WRITE, STREAM_WRITE) : r;
}

void websocket_answer(struct layer_websocket *l)
{
	struct failure ignored = { 0 };

	if (!l->owes && !l->pong_owed)
		return;
	if (websocket_flush(&l->stream, &ignored) == IO_AGAIN)
		l->blocked[STREAM_READ] |= STREAM_WRITE;
}

/* ------ messages ------ */

static enum io cannot_write(const struct layer_websocket *l, struct failure *why)
{
	if (!l->failure)
		return fail(why, FAILURE_SEND, "our end has been said: WebSocket takes no more");
	*why = *l->failure;
	return IO_FAILED;
}

static size_t total_of(const struct iovec *v, int n)
{
	size_t total = 0;

	for (int i = 0; i < n; i++)
		total += v[i].iov_len;
	return total;
}

/* The server's window is said by the server's parameter, ours by the side we are. */
static unsigned our_bits(const struct layer_websocket *l)
{
	return l->server ? l->deflate.server_bits : l->deflate.client_bits;
}

static bool we_forget(const struct layer_websocket *l)
{
	return l->server ? l->deflate.server_no_takeover : l->deflate.client_no_takeover;
}

/* Whether to compress is the sender's choice for each message (RFC 7692, 6). zlib does not write
 * for a window of 256 bytes. */
static bool worth_compressing(const struct layer_websocket *l, size_t length)
{
	return l->deflate.agreed && our_bits(l) > WEBSOCKET_BITS_MIN && length >= COMPRESS_MIN;
}

static bool add_compressed(struct layer_websocket *l, unsigned opcode, const struct iovec *v, int n,
			   size_t length)
{
	struct buffer body = { 0 };
	struct iovec payload;
	bool made;

	if (!l->deflater)
		l->deflater = websocket_deflater_new(our_bits(l), we_forget(l) ? length : SIZE_MAX);
	made = l->deflater && websocket_deflater_run(l->deflater, v, n, &body);
	if (we_forget(l)) {
		websocket_deflater_free(l->deflater);
		l->deflater = NULL;
	}
	payload = (struct iovec){ buffer_bytes(&body), body.length };
	if (made && we_forget(l) && body.length >= length)
		made = websocket_frame_add(l, opcode, 0, v, n);
	else if (made)
		made = websocket_frame_add(l, opcode, WEBSOCKET_RSV1, &payload, 1);
	buffer_free(&body);
	return made;
}

static enum io add_message(struct layer_websocket *l, enum websocket_kind kind,
			   const struct iovec *v, int n, struct failure *why)
{
	const unsigned opcode = kind == WEBSOCKET_TEXT ? WEBSOCKET_OP_TEXT : WEBSOCKET_OP_BINARY;
	const size_t length = total_of(v, n);

	if (worth_compressing(l, length) ? add_compressed(l, opcode, v, n, length)
					 : websocket_frame_add(l, opcode, 0, v, n))
		return IO_DONE;
	return fail(why, FAILURE_OTHER, "out of memory");
}

/* IO_DONE: there is room for a message. */
static enum io make_room(struct layer_websocket *l, struct failure *why)
{
	if (l->failure || l->closing)
		return cannot_write(l, why);
	return l->out.length >= WEBSOCKET_GATHER ? send_out(l, why) : IO_DONE;
}

/* The pieces' first bytes, at most most of them, behind what v already holds; returns how many. */
static size_t cut_pieces(struct iovec *to, int *count, const struct iovec *v, int n, size_t most)
{
	size_t taken = 0;

	for (int i = 0; i < n && taken < most && *count < PIECES_MAX; i++) {
		const size_t left = most - taken;

		if (v[i].iov_len == 0)
			continue;
		to[*count] = v[i];
		if (to[*count].iov_len > left)
			to[*count].iov_len = left;
		taken += to[(*count)++].iov_len;
	}
	return taken;
}

static size_t part_max(const struct layer_websocket *l)
{
	const uint64_t most = l->options->max_message;

	return most > 0 && most < WEBSOCKET_PART_MAX ? (size_t)most : WEBSOCKET_PART_MAX;
}

/* Shortens the pieces by count bytes, which are kept in tail. */
static void cut_tail(struct iovec *v, int n, char *tail, size_t count)
{
	while (count > 0 && n > 0) {
		struct iovec *last = &v[n - 1];

		while (count > 0 && last->iov_len > 0)
			tail[--count] = ((const char *)last->iov_base)[--last->iov_len];
		n--;
	}
}

/* Text that is sent is UTF-8, and no message ends within a character: what is cut goes with the
 * next one. */
static bool check_text(struct iovec *v, int n, char tail[static 4], uint8_t *held)
{
	struct websocket_text text = { 0 };

	for (int i = 0; i < n; i++)
		if (websocket_text_check(&text, v[i].iov_base, v[i].iov_len) != v[i].iov_len)
			return false;
	*held = text.have;
	cut_tail(v, n, tail, text.have);
	return true;
}

static enum io not_text(struct failure *why)
{
	return fail(why, FAILURE_INPUT, "what is to be sent as text is not UTF-8");
}

static enum io write_text(struct layer_websocket *l, const struct iovec *v, int n, size_t *taken,
			  struct failure *why)
{
	struct iovec pieces[PIECES_MAX] = { { l->text_tail, l->text_held } };
	int count = 1;
	char tail[4] = { 0 };
	uint8_t held = 0;
	enum io r = IO_DONE;

	*taken = cut_pieces(pieces, &count, v, n, part_max(l));
	if (!check_text(pieces, count, tail, &held)) {
		*taken = 0;
		return not_text(why);
	}
	if (total_of(pieces, count) > 0)
		r = add_message(l, WEBSOCKET_TEXT, pieces, count, why);
	memcpy(l->text_tail, tail, sizeof(tail));
	l->text_held = held;
	return r;
}

static enum io write_binary(struct layer_websocket *l, const struct iovec *v, int n, size_t *taken,
			    struct failure *why)
{
	struct iovec pieces[PIECES_MAX];
	int count = 0;

	*taken = cut_pieces(pieces, &count, v, n, part_max(l));
	return *taken > 0 ? add_message(l, WEBSOCKET_BINARY, pieces, count, why) : IO_DONE;
}

/* Enough for one turn: it goes out before somebody asks for it. */
static enum io send_if_enough(struct layer_websocket *l, struct failure *why)
{
	if (l->out.length >= WEBSOCKET_GATHER && send_out(l, why) == IO_FAILED)
		return IO_FAILED;
	return IO_DONE;
}

enum io websocket_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			 struct failure *why)
{
	struct layer_websocket *l = websocket_of(s);
	enum io r = make_room(l, why);

	*nwritten = 0;
	if (r != IO_DONE)
		return r;
	r = l->options->text ? write_text(l, v, n, nwritten, why)
			     : write_binary(l, v, n, nwritten, why);
	websocket_frame_rest(l);
	return r == IO_DONE ? send_if_enough(l, why) : r;
}

enum io layer_websocket_send(struct stream *s, enum websocket_kind kind, const void *bytes,
			     size_t length, struct failure *why)
{
	struct layer_websocket *l = websocket_of(s);
	const struct iovec whole = { (void *)(uintptr_t)bytes, length };
	const uint64_t most = l->options->max_message;
	enum io r = make_room(l, why);

	if (r != IO_DONE)
		return r;
	if (most > 0 && length > most)
		return fail(why, FAILURE_SIZE, "a message of %zu bytes: more than %llu", length,
			    (unsigned long long)most);
	r = add_message(l, kind, &whole, 1, why);
	websocket_frame_rest(l);
	return r == IO_DONE ? send_if_enough(l, why) : r;
}

/* ------ our end ------ */

void websocket_add_close(struct layer_websocket *l, enum websocket_code code, const char *reason)
{
	const size_t before = l->out.length;
	const uint8_t number[2] = { (uint8_t)(code >> 8), (uint8_t)(code & 0xff) };
	const size_t most = WEBSOCKET_CONTROL_MAX - sizeof(number);
	const struct iovec payload[2] = {
		{ (void *)(uintptr_t)number, sizeof(number) },
		{ (void *)(uintptr_t)reason, utf8_cut(reason, strlen(reason), most) },
	};

	if (l->closing)
		return;
	l->closing = true;
	websocket_frame_add(l, WEBSOCKET_OP_CLOSE, 0, payload, code == WEBSOCKET_CODE_NONE ? 0 : 2);
	l->farewell = (uint16_t)(l->out.length - before);
}

/* The peer that has said its Close may leave without waiting for ours, and its kernel then answers
 * with a reset: nothing is lost when all before it arrived. */
static enum io farewell_failed(struct layer_websocket *l, const struct failure *lost,
			       struct failure *why)
{
	const long behind = stream_unacknowledged(l->stream.below);
	const size_t left = l->out.length + (behind > 0 ? (size_t)behind : 0);

	if (!l->closing || !l->ended_by_peer ||
	    left > l->farewell + (size_t)1) { /* the FIN counts as one */
		*why = *lost;
		return IO_FAILED;
	}
	l->gone = true;
	buffer_free(&l->out);
	return IO_DONE;
}

static enum io after(struct layer_websocket *l, enum io r, const struct failure *lost,
		     struct failure *why)
{
	if (r == IO_FAILED)
		return farewell_failed(l, lost, why);
	return r == IO_AGAIN ? websocket_wait(l, STREAM_WRITE, STREAM_WRITE) : r;
}

enum io websocket_end(struct stream *s, struct failure *why)
{
	struct layer_websocket *l = websocket_of(s);
	struct failure lost = { 0 };
	enum io r;

	if (l->gone)
		return IO_DONE;
	if (l->text_held && !l->closing && !l->failure)
		return not_text(why);
	if (!l->failure)
		websocket_add_close(l, l->ended_by_peer ? l->peer_code : WEBSOCKET_CODE_NORMAL, "");
	r = websocket_flush(s, &lost);
	if (r == IO_DONE && (l->ended_by_peer || l->failure))
		r = stream_end(s->below, &lost);
	return after(l, r, &lost, why);
}

enum io websocket_settle(struct stream *s, struct failure *why)
{
	struct layer_websocket *l = websocket_of(s);
	struct failure lost = { 0 };
	enum io r;

	if (l->gone)
		return IO_DONE;
	r = websocket_flush(s, &lost);
	if (r != IO_DONE)
		return after(l, r, &lost, why);
	return after(l, stream_settle(s->below, &lost), &lost, why);
}
