/* SPDX-License-Identifier: MIT */
/* websocket_frame.c - frames by libwslay, loaded on first use: headers, lengths, masks. */
#include <string.h>
#include <wslay/wslay.h>

#include <sockutil/base/library.h>
#include <sockutil/base/random.h>
#include <sockutil/stream/websocket_parts.h>

static struct {
	__typeof__(&wslay_frame_context_init) make;
	__typeof__(&wslay_frame_context_free) free;
	__typeof__(&wslay_frame_recv) receive;
	__typeof__(&wslay_frame_send) send;
} wslay;

static const char *const names[] = { "libwslay.so.1", "libwslay.1.dylib", "libwslay.dylib", NULL };
static const struct library_symbol symbols[] = {
	{ "wslay_frame_context_init", &wslay.make },
	{ "wslay_frame_context_free", &wslay.free },
	{ "wslay_frame_recv", &wslay.receive },
	{ "wslay_frame_send", &wslay.send },
	{ 0 },
};
static struct library library = {
	.purpose = "WebSocket",
	.names = names,
	.symbols = symbols,
};

bool websocket_frame_load(struct failure *why)
{
	return library_load(&library, why);
}

/* ------ what libwslay asks for ------ */

static ssize_t frame_give(uint8_t *bytes, size_t room, int flags, void *data)
{
	struct websocket_frames *f = &((struct layer_websocket *)data)->frames;
	const size_t n = room < f->raw_length ? room : f->raw_length;

	(void)flags;
	if (n == 0)
		return -1;
	memcpy(bytes, f->raw, n);
	f->raw += n;
	f->raw_length -= n;
	f->inside += n;
	return (ssize_t)n;
}

static ssize_t frame_take(const uint8_t *bytes, size_t length, int flags, void *data)
{
	(void)flags;
	return buffer_add(&((struct layer_websocket *)data)->out, bytes, length) ? (ssize_t)length
										 : -1;
}

/* A call to the system for each frame would double those that a small message costs. */
static int frame_mask(uint8_t *bytes, size_t length, void *data)
{
	struct websocket_frames *f = &((struct layer_websocket *)data)->frames;

	if (length > sizeof(f->masks))
		return -1;
	if (f->masks_left < length) {
		random_bytes(f->masks, sizeof(f->masks));
		f->masks_left = sizeof(f->masks);
	}
	f->masks_left = (uint8_t)(f->masks_left - length);
	memcpy(bytes, f->masks + f->masks_left, length);
	return 0;
}

static bool frames_ready(struct layer_websocket *l)
{
	static const struct wslay_frame_callbacks callbacks = {
		.send_callback = frame_take,
		.recv_callback = frame_give,
		.genmask_callback = frame_mask,
	};

	return l->frames.context || wslay.make(&l->frames.context, &callbacks, l) == 0;
}

/* ------ reading ------ */

static size_t header_length(const struct wslay_frame_iocb *frame)
{
	const size_t extended = frame->payload_length > UINT16_MAX ? 8
				: frame->payload_length > 125      ? 2
								   : 0;

	return 2 + extended + (frame->mask ? 4 : 0);
}

enum io websocket_frame_next(struct layer_websocket *l, struct websocket_piece *out)
{
	struct websocket_frames *f = &l->frames;
	struct wslay_frame_iocb frame = { 0 };
	ssize_t n;

	if (f->raw_length == 0 && f->inside == 0)
		return IO_AGAIN;
	if (!frames_ready(l))
		return IO_FAILED;
	n = wslay.receive(f->context, &frame);
	if (n == WSLAY_ERR_WANT_READ)
		return IO_AGAIN;
	if (n < 0)
		return IO_FAILED;
	*out = (struct websocket_piece){
		.first = !f->begun,
		.fin = frame.fin,
		.masked = frame.mask,
		.opcode = frame.opcode,
		.rsv = frame.rsv,
		.announced = frame.payload_length,
		.bytes = (const char *)frame.data,
		.length = frame.data_length,
	};
	if (out->first) {
		f->left = frame.payload_length;
		f->inside -= header_length(&frame);
	}
	f->inside -= frame.data_length;
	f->left -= frame.data_length;
	f->begun = f->left > 0;
	out->last = !f->begun;
	return IO_DONE;
}

/* ------ writing ------ */

static bool frame_failed(struct layer_websocket *l, size_t before)
{
	/* libwslay is within a frame now, and nothing else can follow it. */
	l->out.length = before;
	websocket_fail(l, &(struct failure){ FAILURE_OTHER, 0, "out of memory" });
	return false;
}

bool websocket_frame_add(struct layer_websocket *l, unsigned opcode, unsigned rsv,
			 const struct iovec *v, int n)
{
	const size_t before = l->out.length;
	struct wslay_frame_iocb frame = {
		.fin = 1,
		.rsv = (uint8_t)rsv,
		.opcode = (uint8_t)opcode,
		.mask = !l->server,
	};
	int i = 0;

	if (!frames_ready(l))
		return false;
	for (int k = 0; k < n; k++)
		frame.payload_length += v[k].iov_len;
	/* A call behind the last byte of a frame would begin another one. */
	while (i < n && v[i].iov_len == 0)
		i++;
	do {
		frame.data = i < n ? v[i].iov_base : NULL;
		frame.data_length = i < n ? v[i].iov_len : 0;
		if (wslay.send(l->frames.context, &frame) != (ssize_t)frame.data_length)
			return frame_failed(l, before);
		do
			i++;
		while (i < n && v[i].iov_len == 0);
	} while (i < n);
	return true;
}

/* ------ the end ------ */

void websocket_frame_rest(struct layer_websocket *l)
{
	if (l->frames.inside == 0 && !l->frames.begun && l->message.piece_length == 0)
		websocket_frame_free(l);
}

void websocket_frame_free(struct layer_websocket *l)
{
	if (l->frames.context)
		wslay.free(l->frames.context);
	l->frames.context = NULL;
}
