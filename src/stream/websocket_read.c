/* SPDX-License-Identifier: MIT */
/* websocket_read.c - from frames to the payload of messages. */
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/websocket_parts.h>

enum { FILLS = 8 }; /* reads of the layer below in one read that may give nothing */

/* ------ the head of a frame ------ */

static bool wrong(struct layer_websocket *l, const char *what)
{
	websocket_violated(l, WEBSOCKET_CODE_PROTOCOL, FAILURE_PROTOCOL, "%s", what);
	return false;
}

static bool too_big(struct layer_websocket *l)
{
	websocket_violated(l, WEBSOCKET_CODE_TOO_BIG, FAILURE_SIZE,
			   "a message of more than %llu bytes",
			   (unsigned long long)l->options->max_message);
	return false;
}

static bool is_control(unsigned opcode)
{
	return opcode >= WEBSOCKET_OP_CLOSE;
}

/* RFC 6455, 5.2 and 5.4; RFC 7692, 6. */
static bool frame_valid(struct layer_websocket *l, const struct websocket_piece *p)
{
	const bool data = p->opcode == WEBSOCKET_OP_TEXT || p->opcode == WEBSOCKET_OP_BINARY;
	const unsigned allowed = data && l->deflate.agreed ? WEBSOCKET_RSV1 : 0;

	if (p->masked != l->server)
		return wrong(l, l->server ? "a frame without a mask" : "a frame with a mask");
	if (p->rsv & ~allowed)
		return wrong(l, "a reserved bit that nobody agreed on");
	if ((p->opcode > WEBSOCKET_OP_BINARY && p->opcode < WEBSOCKET_OP_CLOSE) ||
	    p->opcode > WEBSOCKET_OP_PONG)
		return wrong(l, "a frame of a kind that does not exist");
	if (is_control(p->opcode) && (!p->fin || p->announced > WEBSOCKET_CONTROL_MAX))
		return wrong(l, "a control frame in parts or over 125 bytes");
	if (data && l->message.begun)
		return wrong(l, "a message within another one");
	if (p->opcode == WEBSOCKET_OP_CONTINUATION && !l->message.begun)
		return wrong(l, "the continuation of no message");
	return true;
}

static bool message_begin(struct layer_websocket *l, const struct websocket_piece *p)
{
	struct websocket_message *m = &l->message;

	*m = (struct websocket_message){
		.begun = true,
		.compressed = p->rsv == WEBSOCKET_RSV1,
		.kind = p->opcode == WEBSOCKET_OP_TEXT ? WEBSOCKET_TEXT : WEBSOCKET_BINARY,
	};
	if (!m->compressed)
		return true;
	if (!l->inflater)
		l->inflater = websocket_inflater_new(l->server ? l->deflate.client_bits
							       : l->deflate.server_bits);
	if (l->inflater) {
		websocket_inflater_begin(l->inflater);
		return true;
	}
	websocket_fail(l, &(struct failure){ FAILURE_OTHER, 0, "out of memory" });
	return false;
}

static bool frame_begin(struct layer_websocket *l, const struct websocket_piece *p)
{
	const uint64_t most = l->options->max_message;

	if (!frame_valid(l, p))
		return false;
	if (is_control(p->opcode))
		return true;
	if (p->opcode != WEBSOCKET_OP_CONTINUATION && !message_begin(l, p))
		return false;
	l->message.last_frame = p->fin;
	if (most > 0 && !l->message.compressed &&
	    (p->announced > most || l->message.bytes > most - p->announced))
		return too_big(l);
	return true;
}

/* ------ payload ------ */

static void message_end(struct layer_websocket *l)
{
	struct websocket_message *m = &l->message;

	if (m->text.need) {
		websocket_violated(l, WEBSOCKET_CODE_DATA, FAILURE_PROTOCOL,
				   "a text message that ends within a character");
		return;
	}
	m->begun = false;
	m->ended = true;
	if (m->compressed &&
	    (l->server ? l->deflate.client_no_takeover : l->deflate.server_no_takeover)) {
		websocket_inflater_free(l->inflater);
		l->inflater = NULL;
	}
}

static void frame_piece(struct layer_websocket *l, const struct websocket_piece *p)
{
	struct websocket_message *m = &l->message;

	if (p->first && !frame_begin(l, p))
		return;
	if (is_control(p->opcode)) {
		websocket_control(l, p);
		return;
	}
	m->piece = p->bytes;
	m->piece_length = p->length;
	m->all_in = m->last_frame && p->last;
	if (m->all_in && m->piece_length == 0 && !m->compressed)
		message_end(l);
}

/* There is something to give before the next frame is looked at. */
static bool message_holds(const struct layer_websocket *l)
{
	const struct websocket_message *m = &l->message;

	return m->begun && (m->piece_length > 0 || (m->compressed && (m->full || m->all_in)));
}

/* False: the bytes are wrong behind those that were made. */
static bool inflate_some(struct layer_websocket *l, char *out, size_t room, size_t *made,
			 bool *ended)
{
	struct websocket_message *m = &l->message;
	const bool right = websocket_inflater_run(l->inflater, &m->piece, &m->piece_length,
						  m->all_in, out, room, made, ended);

	m->full = right && *made == room;
	return right;
}

static bool copy_some(struct layer_websocket *l, char *out, size_t room, size_t *made, bool *ended)
{
	struct websocket_message *m = &l->message;

	*made = room < m->piece_length ? room : m->piece_length;
	memcpy(out, m->piece, *made);
	m->piece += *made;
	m->piece_length -= *made;
	*ended = m->all_in && m->piece_length == 0;
	return true;
}

/* How many of made bytes the limit allows. */
static size_t within_limit(struct layer_websocket *l, size_t made)
{
	const uint64_t most = l->options->max_message;

	if (most > 0 && made > most - l->message.bytes)
		made = (size_t)(most - l->message.bytes);
	l->message.bytes += made;
	return made;
}

/* Returns how many bytes may be given: those in front of a violation too. */
static size_t message_give(struct layer_websocket *l, char *out, size_t room)
{
	struct websocket_message *m = &l->message;
	size_t made = 0, allowed, good;
	bool ended = false;
	const bool right = (m->compressed ? inflate_some : copy_some)(l, out, room, &made, &ended);

	allowed = within_limit(l, made);
	good = m->kind == WEBSOCKET_TEXT ? websocket_text_check(&m->text, out, allowed) : allowed;
	if (good < allowed)
		websocket_violated(l, WEBSOCKET_CODE_DATA, FAILURE_PROTOCOL,
				   "a text message that is not UTF-8");
	else if (allowed < made)
		too_big(l);
	else if (!right)
		websocket_violated(l, WEBSOCKET_CODE_DATA, FAILURE_PROTOCOL,
				   "a compressed message whose bytes are wrong");
	else if (ended)
		message_end(l);
	return good;
}

/* ------ bytes from below ------ */

/* IO_DONE: there is more to look at. Otherwise reading has to wait, or is over. */
static enum io fill(struct layer_websocket *l, char *fresh)
{
	struct failure why = { 0 };
	size_t n = 0;
	const enum io r = stream_read(l->stream.below, fresh, WEBSOCKET_RAW, &n, &why);

	if (r == IO_AGAIN)
		return websocket_wait(l, STREAM_READ, STREAM_READ);
	if (r == IO_END)
		fail(&why, FAILURE_TRUNCATED, "the connection was cut: no Close");
	if (r != IO_DONE) {
		websocket_fail(l, &why);
		return IO_FAILED;
	}
	l->frames.raw = fresh;
	l->frames.raw_length = n;
	l->frames.fresh = true;
	l->ping_waiting = false; /* whatever it says, it is there */
	return IO_DONE;
}

/* One step towards further bytes: a piece of a frame. IO_AGAIN: what came is used up. */
static enum io advance(struct layer_websocket *l)
{
	struct websocket_piece piece;
	const enum io r = websocket_frame_next(l, &piece);

	if (r == IO_DONE)
		frame_piece(l, &piece);
	else if (r == IO_FAILED)
		wrong(l, "a malformed frame");
	l->starved = r == IO_AGAIN;
	return r;
}

static bool over(const struct layer_websocket *l)
{
	return l->failure || l->ended_by_peer;
}

/* What fits into len bytes, of one message. */
static size_t gather(struct layer_websocket *l, char *out, size_t len, char *fresh)
{
	size_t got = 0;
	int fills = 0;

	while (!over(l) && got < len) {
		if (message_holds(l))
			got += message_give(l, out + got, len - got);
		else if (advance(l) == IO_AGAIN &&
			 (got > 0 || fills++ == FILLS || fill(l, fresh) != IO_DONE))
			break;
		if (l->message.ended && (got > 0 || l->keep_empty))
			break;
		l->message.ended = false;
	}
	return got;
}

/* What was read and not looked at stays for the next time. */
static void keep_rest(struct layer_websocket *l)
{
	struct websocket_frames *f = &l->frames;

	if (f->raw_length == 0 || over(l)) {
		buffer_free(&l->in);
	} else if (!f->fresh) {
		buffer_take(&l->in, l->in.length - f->raw_length);
	} else {
		buffer_free(&l->in);
		if (!buffer_add(&l->in, f->raw, f->raw_length))
			websocket_fail(l, &(struct failure){ FAILURE_OTHER, 0, "out of memory" });
	}
	f->raw = NULL;
	f->raw_length = 0;
	websocket_frame_rest(l);
}

static enum io read_over(struct layer_websocket *l, struct failure *why)
{
	l->end_told = true;
	if (!l->failure)
		return IO_END;
	*why = *l->failure;
	return IO_FAILED;
}

enum io websocket_read(struct stream *s, void *buf, size_t len, size_t *nread, struct failure *why)
{
	struct layer_websocket *l = websocket_of(s);
	char fresh[WEBSOCKET_RAW];

	*nread = 0;
	if (over(l))
		return read_over(l, why);
	l->blocked[STREAM_READ] = STREAM_READ;
	l->message.ended = false;
	websocket_beat(l);
	l->frames.raw = l->in.length > 0 ? buffer_bytes(&l->in) : NULL;
	l->frames.raw_length = l->in.length;
	l->frames.fresh = false;
	*nread = gather(l, buf, len, fresh);
	keep_rest(l);
	websocket_answer(l);
	if (*nread > 0 || (l->message.ended && l->keep_empty))
		return IO_DONE;
	return over(l) ? read_over(l, why) : IO_AGAIN;
}

/* An end or failure that was met but not told yet counts: no descriptor becomes readable for it. */
bool websocket_pending(const struct stream *s)
{
	const struct layer_websocket *l = websocket_of(s);

	if (l->opening)
		return false;
	if (over(l))
		return !l->end_told;
	return message_holds(l) || (!l->starved && (l->in.length > 0 || l->frames.inside > 0));
}
