/* SPDX-License-Identifier: MIT */
/* websocket.c - the WebSocket layer: how it is made, shakes hands and is asked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/random.h>
#include <sockutil/stream/websocket_parts.h>

enum {
	ANSWER_READ = 4096, /* bytes of an answer asked for at once */
	INTERIM_MAX = 16,   /* answers of 1xx in front of the 101 */
};

enum io websocket_wait(struct layer_websocket *l, enum stream_side side, unsigned below)
{
	l->blocked[side] = below;
	return IO_AGAIN;
}

/* ------ opening ------ */

static void opening_free(struct layer_websocket *l)
{
	if (l->opening) {
		buffer_free(&l->opening->out);
		buffer_free(&l->opening->in);
	}
	free(l->opening);
	l->opening = NULL;
}

static enum io open_send(struct layer_websocket *l, struct failure *why)
{
	struct websocket_opening *o = l->opening;
	enum io r = IO_DONE;

	while (r == IO_DONE && o->out.length > 0) {
		size_t n = 0;

		r = stream_write(l->stream.below, buffer_bytes(&o->out), o->out.length, &n, why);
		buffer_take(&o->out, n);
	}
	if (r == IO_DONE)
		r = stream_flush(l->stream.below, why);
	o->sent = r == IO_DONE;
	return r == IO_AGAIN ? websocket_wait(l, STREAM_READ, STREAM_WRITE) : r;
}

static void agree(struct layer_websocket *l, const struct websocket_agreement *agreement)
{
	l->deflate = agreement->deflate;
	if (*agreement->subprotocol)
		l->subprotocol = memory_string(agreement->subprotocol);
}

/* The whole answer is there. */
static enum io open_agree(struct layer_websocket *l, const struct http_head *answer,
			  struct failure *why)
{
	struct websocket_opening *o = l->opening;
	struct websocket_agreement agreement;
	const struct websocket_request request = {
		.key = o->key,
		.offer = { l->options->subprotocol, l->options->deflate },
	};

	if (!websocket_answer_check(&agreement, &request, answer, why))
		return IO_FAILED;
	agree(l, &agreement);
	if (buffer_add(&l->in, buffer_bytes(&o->in) + answer->length,
		       o->in.length - answer->length))
		return IO_DONE;
	return fail(why, FAILURE_OTHER, "out of memory");
}

static bool is_interim(const struct http_head *answer)
{
	return answer->status / 100 == 1 && answer->status != 101;
}

/* IO_AGAIN: more of the answer is needed. */
static enum io open_look(struct layer_websocket *l, struct failure *why)
{
	struct websocket_opening *o = l->opening;
	struct http_head answer;
	enum io r = IO_AGAIN;

	for (int i = 0; i < INTERIM_MAX && o->in.length > 0; i++) {
		r = http_head_parse(&answer, &o->scan, buffer_bytes(&o->in), o->in.length, why);
		if (r == IO_DONE && is_interim(&answer)) {
			buffer_take(&o->in, answer.length);
			r = IO_AGAIN;
			continue;
		}
		return r == IO_DONE ? open_agree(l, &answer, why) : r;
	}
	return r;
}

static enum io open_receive(struct layer_websocket *l, struct failure *why)
{
	enum io r = open_look(l, why);

	while (r == IO_AGAIN) {
		char bytes[ANSWER_READ];
		size_t n = 0;

		r = stream_read(l->stream.below, bytes, sizeof(bytes), &n, why);
		if (r == IO_AGAIN)
			return websocket_wait(l, STREAM_READ, STREAM_READ);
		if (r == IO_END) {
			fail(why, FAILURE_PROTOCOL,
			     "the server ended the connection in place of a WebSocket handshake");
			why->error = ECONNRESET;
			return IO_FAILED;
		}
		if (r == IO_DONE && !buffer_add(&l->opening->in, bytes, n))
			return fail(why, FAILURE_OTHER, "out of memory");
		r = r == IO_DONE ? open_look(l, why) : r;
	}
	return r;
}

static enum io websocket_open(struct stream *s, struct failure *why)
{
	struct layer_websocket *l = websocket_of(s);
	enum io r = IO_DONE;

	if (!l->opening)
		return IO_DONE;
	if (!l->opening->sent)
		r = open_send(l, why);
	if (r == IO_DONE && !l->server)
		r = open_receive(l, why);
	if (r != IO_DONE)
		return r;
	opening_free(l);
	l->blocked[STREAM_READ] = STREAM_READ;
	if (l->options->ping_ms > 0)
		l->ping_ms = clock_ms() + l->options->ping_ms;
	return IO_DONE;
}

/* ------ what the others ask ------ */

static unsigned websocket_want(const struct stream *s, enum stream_side side)
{
	const struct layer_websocket *l = websocket_of(s);
	unsigned want = 0;

	if (l->blocked[side] & STREAM_READ)
		want |= stream_want(s->below, STREAM_READ);
	if (l->blocked[side] & STREAM_WRITE)
		want |= stream_want(s->below, STREAM_WRITE);
	if (side == STREAM_READ && websocket_beat_left(l) >= 0)
		want |= STREAM_WANT_TIME;
	return want;
}

static int64_t websocket_wake_ms(const struct stream *s, enum stream_side side)
{
	const struct layer_websocket *l = websocket_of(s);
	const enum stream_side below = l->blocked[side] & STREAM_WRITE ? STREAM_WRITE : STREAM_READ;
	const int64_t beat = side == STREAM_READ ? websocket_beat_left(l) : -1;
	int64_t wake;

	if (beat >= 0 && !(stream_want(s->below, below) & STREAM_WANT_TIME))
		return beat > 0 ? beat : 1;
	wake = stream_wake_ms(s->below, below);
	return beat >= 0 && beat < wake ? (beat > 0 ? beat : 1) : wake;
}

static int websocket_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return -1;
}

static void websocket_free(struct stream *s)
{
	struct layer_websocket *l = websocket_of(s);

	opening_free(l);
	websocket_frame_free(l);
	websocket_inflater_free(l->inflater);
	websocket_deflater_free(l->deflater);
	buffer_free(&l->in);
	buffer_free(&l->out);
	buffer_free(&l->control);
	buffer_free(&l->pong);
	free(l->subprotocol);
	free(l->path);
	free(l->failure);
	free(l);
}

static const struct stream_ops websocket_ops = {
	.name = "websocket",
	.open = websocket_open,
	.read = websocket_read,
	.writev = websocket_writev,
	.flush = websocket_flush,
	.end = websocket_end,
	.settle = websocket_settle,
	.pending = websocket_pending,
	.want = websocket_want,
	.wake_ms = websocket_wake_ms,
	.raw_fd = websocket_raw_fd,
	.free = websocket_free,
};

/* ------ making one ------ */

bool layer_websocket_available(bool deflate, struct failure *why)
{
	return websocket_frame_load(why) && (!deflate || websocket_deflate_load(why));
}

static struct layer_websocket *websocket_made(struct stream *below,
					      const struct websocket_options *options)
{
	static const struct websocket_options plain = { 0 };
	struct layer_websocket *l = memory_zeroed(1, sizeof(*l));

	l->stream.ops = &websocket_ops;
	l->stream.below = below;
	l->options = options ? options : &plain;
	l->opening = memory_zeroed(1, sizeof(*l->opening));
	return l;
}

struct stream *layer_websocket_connect(struct stream *below,
				       const struct websocket_options *options,
				       const char *authority, const char *target,
				       struct failure *why)
{
	struct layer_websocket *l = websocket_made(below, options);
	struct websocket_request request = {
		.authority = authority,
		.target = target,
		.key = l->opening->key,
		.headers = l->options->headers,
		.offer = { l->options->subprotocol, l->options->deflate },
	};
	uint8_t nonce[WEBSOCKET_NONCE_BYTES];

	random_bytes(nonce, sizeof(nonce));
	websocket_key(l->opening->key, nonce);
	if (layer_websocket_available(l->options->deflate, why) &&
	    websocket_request_add(&l->opening->out, &request, why))
		return &l->stream;
	websocket_free(&l->stream);
	return NULL;
}

static char *path_of(const struct http_request_head *request)
{
	size_t length = 0;
	char *path;

	while (length < request->target_length && request->target[length] != '?')
		length++;
	path = memory_zeroed(1, length + 1);
	memcpy(path, request->target, length);
	return path;
}

struct stream *layer_websocket_accept(struct stream *below, const struct websocket_options *options,
				      const struct http_request_head *request, const char *early,
				      size_t early_length, int *status, struct failure *why)
{
	struct layer_websocket *l = websocket_made(below, options);
	struct websocket_agreement agreement;
	const struct websocket_offer offer = {
		.subprotocols = l->options->subprotocol,
		.deflate = l->options->deflate && websocket_deflate_load(&(struct failure){ 0 }),
	};

	*status = 500;
	l->server = true;
	if (layer_websocket_available(false, why) &&
	    websocket_request_check(&agreement, &offer, request, status, why)) {
		agree(l, &agreement);
		l->path = path_of(request);
		if (websocket_answer_add(&l->opening->out, &agreement, request) &&
		    buffer_add(&l->in, early, early_length))
			return &l->stream;
		*status = 500;
		fail(why, FAILURE_OTHER, "out of memory");
	}
	websocket_free(&l->stream);
	return NULL;
}

/* ------ messages ------ */

void layer_websocket_message(const struct stream *s, enum websocket_kind *kind, bool *ended)
{
	const struct layer_websocket *l = websocket_of(s);

	*kind = (enum websocket_kind)l->message.kind;
	*ended = l->message.ended;
}

void layer_websocket_keep_empty(struct stream *s)
{
	websocket_of(s)->keep_empty = true;
}

const char *layer_websocket_subprotocol(const struct stream *s)
{
	const char *subprotocol = websocket_of(s)->subprotocol;

	return subprotocol ? subprotocol : "";
}

const char *layer_websocket_path(const struct stream *s)
{
	const char *path = websocket_of(s)->path;

	return path ? path : "";
}
