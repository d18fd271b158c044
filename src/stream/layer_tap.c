/* SPDX-License-Identifier: MIT */
/* src/stream/layer_tap.c - what passes is also written down. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/proto/hexdump.h>
#include <sockutil/proto/pcapng.h>
#include <sockutil/stream/layer_tap.h>
#include <sockutil/stream/tap_json.h>
#include <sockutil/stream/tap_output.h>

struct tap {
	struct tap_output record;
	struct tap_output hex;
	bool record_json;
	bool hex_to_log;
	int64_t started_us;
	unsigned connections; /* so far */
	struct failure
		failed; /* the first one; nothing is recorded after it and every layer says it */
};

struct layer_tap {
	struct stream stream;
	struct tap *tap;
	unsigned connection;
	bool recorded_end[2]; /* by enum pcapng_direction */
	uint64_t offset[2];
	struct pcapng_flow *flow; /* NULL unless the recording is pcapng */
};

static struct layer_tap *tap_of(struct stream *s)
{
	return (struct layer_tap *)s;
}

static bool tap_is_json(const char *name)
{
	const char suffix[] = ".jsonl";
	size_t length = strlen(name);

	return length >= sizeof(suffix) - 1 &&
	       strcmp(name + length - (sizeof(suffix) - 1), suffix) == 0;
}

static bool tap_open_record(struct tap *tap, const char *name, struct failure *why)
{
	if (!tap_output_open(&tap->record, name, why))
		return false;
	tap->record_json = tap_is_json(name);
	if (!tap->record_json &&
	    !pcapng_header(&tap->record.waiting, "sockutil " SOCKUTIL_VERSION)) {
		fail(why, FAILURE_OUTPUT, "recording to %s: out of memory", name);
		return false;
	}
	/* At once: a process that forks must not write it twice. */
	return tap_output_flush(&tap->record, why);
}

struct tap *tap_open(const char *record, const char *hex, struct failure *why)
{
	struct tap *tap = memory_zeroed(1, sizeof(*tap));
	struct failure ignored;

	tap->record.fd = -1;
	tap->hex.fd = -1;
	tap->started_us = clock_us();
	tap->hex_to_log = hex && strcmp(hex, "-") == 0;
	if ((!record || tap_open_record(tap, record, why)) &&
	    (!hex || tap->hex_to_log || tap_output_open(&tap->hex, hex, why)))
		return tap;
	tap_close(tap, &ignored);
	return NULL;
}

bool tap_close(struct tap *tap, struct failure *why)
{
	struct failure second;
	bool ok;

	if (!tap)
		return true;
	ok = tap_output_close(&tap->record, why);
	ok = tap_output_close(&tap->hex, ok ? why : &second) && ok;
	if (tap->failed.class != FAILURE_NONE) {
		*why = tap->failed;
		ok = false;
	}
	free(tap);
	return ok;
}

/* A piece was appended to out, or was not for want of memory. */
static void tap_added(struct tap *tap, struct tap_output *out, bool ok)
{
	if (!ok)
		fail(&tap->failed, FAILURE_OUTPUT, "recording to %s: out of memory",
		     out->name ? out->name : "standard error");
	else
		tap_output_added(out, &tap->failed);
}

static int64_t tap_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void tap_hex(struct layer_tap *l, enum pcapng_direction direction, const void *bytes,
		    size_t length)
{
	struct tap *tap = l->tap;
	struct buffer *out = &tap->hex.waiting;
	bool ok = hexdump_lines(out, direction == PCAPNG_SENT ? '>' : '<',
				clock_us() - tap->started_us, l->offset[direction], bytes, length);

	if (ok && tap->hex_to_log) {
		log_block(buffer_bytes(out), out->length);
		buffer_take(out, out->length);
		return;
	}
	tap_added(tap, &tap->hex, ok);
}

static void tap_record(struct layer_tap *l, enum pcapng_direction direction, const void *bytes,
		       size_t length)
{
	struct tap *tap = l->tap;
	struct buffer *out = &tap->record.waiting;
	char now[25];
	bool ok;

	if (tap->record_json) {
		const struct tap_piece piece = {
			.time = clock_iso8601(now),
			.connection = l->connection,
			.received = direction == PCAPNG_RECEIVED,
			.offset = l->offset[direction],
			.bytes = bytes,
			.length = length,
		};

		ok = tap_json_line(out, &piece);
	} else {
		ok = pcapng_data(out, l->flow, direction, bytes, length, tap_nanoseconds());
	}
	tap_added(tap, &tap->record, ok);
}

static void tap_passed(struct layer_tap *l, enum pcapng_direction direction, const void *bytes,
		       size_t length)
{
	if (length == 0)
		return;
	if (l->tap->record.fd >= 0)
		tap_record(l, direction, bytes, length);
	if ((l->tap->hex.fd >= 0 || l->tap->hex_to_log) && l->tap->failed.class == FAILURE_NONE)
		tap_hex(l, direction, bytes, length);
	l->offset[direction] += length;
}

typedef bool tap_event(struct buffer *out, struct pcapng_flow *flow,
		       enum pcapng_direction direction, int64_t nanoseconds);

/* The end of one direction, once. */
static void tap_ended(struct layer_tap *l, enum pcapng_direction direction, tap_event *event)
{
	struct tap_output *out = &l->tap->record;

	if (!l->flow || l->recorded_end[direction])
		return;
	l->recorded_end[direction] = true;
	tap_added(l->tap, out, event(&out->waiting, l->flow, direction, tap_nanoseconds()));
}

/* r, unless the recording has a hole: then that is what the connection fails with. */
static enum io tap_result(const struct layer_tap *l, enum io r, struct failure *why)
{
	if (l->tap->failed.class == FAILURE_NONE)
		return r;
	*why = l->tap->failed;
	return IO_FAILED;
}

static enum io tap_read(struct stream *s, void *buf, size_t len, size_t *nread, struct failure *why)
{
	struct layer_tap *l = tap_of(s);
	enum io r = tap_result(l, IO_DONE, why);

	*nread = 0;
	if (r != IO_DONE)
		return r;
	r = stream_read(s->below, buf, len, nread, why);
	tap_passed(l, PCAPNG_RECEIVED, buf, *nread);
	if (r == IO_END)
		tap_ended(l, PCAPNG_RECEIVED, pcapng_end);
	if (r == IO_FAILED)
		tap_ended(l, PCAPNG_RECEIVED, pcapng_reset);
	r = tap_result(l, r, why);
	*nread = r == IO_DONE ? *nread : 0;
	return r;
}

static enum io tap_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			  struct failure *why)
{
	struct layer_tap *l = tap_of(s);
	enum io r = tap_result(l, IO_DONE, why);
	size_t left;

	*nwritten = 0;
	if (r != IO_DONE)
		return r;
	r = stream_writev(s->below, v, n, nwritten, why);
	for (left = *nwritten; left > 0; v++) {
		size_t count = v->iov_len < left ? v->iov_len : left;

		tap_passed(l, PCAPNG_SENT, v->iov_base, count);
		left -= count;
	}
	r = tap_result(l, r, why);
	*nwritten = r == IO_DONE ? *nwritten : 0;
	return r;
}

static enum io tap_end(struct stream *s, struct failure *why)
{
	struct layer_tap *l = tap_of(s);
	enum io r = stream_end(s->below, why);

	if (r == IO_DONE)
		tap_ended(l, PCAPNG_SENT, pcapng_end);
	return r == IO_DONE ? tap_result(l, r, why) : r;
}

static int tap_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return -1;
}

static void tap_free(struct stream *s)
{
	free(tap_of(s)->flow);
	free(s);
}

static const struct stream_ops tap_ops = {
	.name = "tap",
	.read = tap_read,
	.writev = tap_writev,
	.end = tap_end,
	.raw_fd = tap_raw_fd,
	.free = tap_free,
};

struct stream *layer_tap_new(struct stream *below, struct tap *tap, bool client,
			     const struct address *local, const struct address *peer)
{
	struct layer_tap *l = memory_zeroed(1, sizeof(*l));
	struct tap_output *out = &tap->record;

	l->stream.ops = &tap_ops;
	l->stream.below = below;
	l->tap = tap;
	l->connection = ++tap->connections;
	if (out->fd < 0 || tap->record_json)
		return &l->stream;
	l->flow = memory_zeroed(1, sizeof(*l->flow));
	pcapng_flow_init(l->flow, local ? &local->any : NULL, peer ? &peer->any : NULL,
			 l->connection);
	tap_added(tap, out, pcapng_open(&out->waiting, l->flow, client, tap_nanoseconds()));
	return &l->stream;
}
