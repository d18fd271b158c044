/* SPDX-License-Identifier: MIT */
/* websocket_control.c - pings, pongs and the peer's Close; how a connection is failed. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/base/utf8.h>
#include <sockutil/stream/websocket_parts.h>

enum {
	FAILED_DROP = 256 * 1024, /* bytes dropped behind our last Close, at most */
	REASON_SHOWN = 123,
};

/* ------ failing ------ */

void websocket_fail(struct layer_websocket *l, const struct failure *why)
{
	if (l->failure)
		return;
	l->failure = memory_zeroed(1, sizeof(*l->failure));
	*l->failure = *why;
}

/* A socket that is closed over unread bytes sends a reset, and that takes back the Close on its
 * way. */
static void drop_what_came(struct layer_websocket *l)
{
	struct failure ignored = { 0 };
	size_t dropped = 0, n = 0;
	char scratch[4096];

	while (dropped < FAILED_DROP &&
	       stream_read(l->stream.below, scratch, sizeof(scratch), &n, &ignored) == IO_DONE)
		dropped += n;
}

void websocket_violated(struct layer_websocket *l, enum websocket_code code,
			enum failure_class class, const char *format, ...)
{
	struct failure why = { 0 }, ignored = { 0 };
	char text[300];
	va_list arguments;

	if (l->failure)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fail(&why, class, "%s", text);
	websocket_add_close(l, code, text);
	/* Only now: what failed is not sent. */
	if (websocket_flush(&l->stream, &ignored) == IO_DONE)
		stream_end(l->stream.below, &ignored);
	drop_what_came(l);
	websocket_fail(l, &why);
}

/* ------ the peer's Close ------ */

/* RFC 6455, 7.4, and the registry of IANA. */
static bool code_valid(unsigned code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
	       (code >= 3000 && code <= 4999);
}

static void closed_with(struct layer_websocket *l, unsigned code, const char *reason, size_t length)
{
	struct failure why = { 0 }, ignored = { 0 };

	l->ended_by_peer = true;
	l->peer_code = (uint16_t)code;
	if (code == WEBSOCKET_CODE_NONE || code == WEBSOCKET_CODE_NORMAL ||
	    code == WEBSOCKET_CODE_AWAY) {
		/* After ours it was the last word: the layers below end as well. */
		if (l->closing && websocket_flush(&l->stream, &ignored) == IO_DONE)
			stream_end(l->stream.below, &ignored);
		return;
	}
	fail(&why, FAILURE_RECEIVE, "the peer closed with code %u%s%.*s", code, length ? ": " : "",
	     (int)length, reason);
	websocket_add_close(l, (enum websocket_code)code, "");
	if (websocket_flush(&l->stream, &ignored) == IO_DONE)
		stream_end(l->stream.below, &ignored);
	websocket_fail(l, &why);
}

static void close_came(struct layer_websocket *l, const char *bytes, size_t length)
{
	const unsigned code =
		length >= 2 ? (unsigned)(uint8_t)bytes[0] << 8 | (uint8_t)bytes[1] : 0;

	if (length == 1 || (length >= 2 && !code_valid(code)))
		websocket_violated(l, WEBSOCKET_CODE_PROTOCOL, FAILURE_PROTOCOL,
				   "a Close with a code that is none");
	else if (length > 2 && !utf8_valid(bytes + 2, length - 2))
		websocket_violated(l, WEBSOCKET_CODE_DATA, FAILURE_PROTOCOL,
				   "a Close whose reason is not UTF-8");
	else
		closed_with(l, code, length > 2 ? bytes + 2 : "", length > 2 ? length - 2 : 0);
}

/* ------ pings and pongs ------ */

/* Of several pings that come faster than pongs go only the last is answered (RFC 6455, 5.5.3). */
static void ping_came(struct layer_websocket *l, const char *bytes, size_t length)
{
	buffer_free(&l->pong);
	l->pong_owed = buffer_add(&l->pong, bytes, length);
}

static void control_came(struct layer_websocket *l, unsigned opcode)
{
	const char *bytes = l->control.length > 0 ? buffer_bytes(&l->control) : "";

	if (opcode == WEBSOCKET_OP_CLOSE)
		close_came(l, bytes, l->control.length);
	else if (opcode == WEBSOCKET_OP_PING)
		ping_came(l, bytes, l->control.length);
	buffer_free(&l->control);
}

void websocket_control(struct layer_websocket *l, const struct websocket_piece *piece)
{
	const struct failure short_of_memory = { FAILURE_OTHER, 0, "out of memory" };

	if (!buffer_add(&l->control, piece->bytes, piece->length))
		websocket_fail(l, &short_of_memory);
	else if (piece->last)
		control_came(l, piece->opcode);
}

void websocket_beat(struct layer_websocket *l)
{
	const int64_t every = l->options->ping_ms;
	struct failure why = { 0 };
	char text[32];

	if (every <= 0 || l->closing || l->ended_by_peer || websocket_beat_left(l) > 0)
		return;
	if (l->ping_waiting) {
		fail(&why, FAILURE_TIMEOUT, "no pong came within %s",
		     duration_text(text, sizeof(text), every));
		websocket_fail(l, &why);
		return;
	}
	/* What has not left yet would only be longer: the peer is not asked, but held to it. */
	if (l->out.length == 0)
		websocket_frame_add(l, WEBSOCKET_OP_PING, 0, NULL, 0);
	l->owes = true;
	l->ping_waiting = true;
	l->ping_ms = clock_ms() + every;
}

int64_t websocket_beat_left(const struct layer_websocket *l)
{
	int64_t left;

	if (l->options->ping_ms <= 0 || l->opening || l->closing || l->ended_by_peer || l->failure)
		return -1;
	left = l->ping_ms - clock_ms();
	return left > 0 ? left : 0;
}
