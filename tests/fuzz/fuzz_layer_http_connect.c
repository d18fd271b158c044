/* SPDX-License-Identifier: MIT */
/* fuzz_layer_http_connect.c - what an HTTP proxy answers to CONNECT: however it comes in pieces,
 * the end is the same; what opened gives every byte behind the answer; failures are the proxy's. */
#include "scripted.h"

#include <sockutil/stream/layer_http_connect.h>

struct outcome {
	enum io result;
	struct failure why;
	size_t taken; /* bytes of the answer, once open */
};

static struct stream *layer(uint8_t way, struct stream *below)
{
	const struct layer_http_connect_request request = {
		.host = "host.test",
		.port = 443,
		.user = way & 1 ? "me" : NULL,
		.password = "pw",
	};
	struct failure why = { 0 };
	struct stream *s = layer_http_connect_new(below, &request, &why);

	fuzz_check(s != NULL);
	return s;
}

/* Everything behind the head comes, whether it was read along with it or not. Returns where that
 * began. */
static size_t check_rest(struct stream *s, const struct scripted *below)
{
	struct buffer rest = { 0 };
	char bytes[64];
	struct failure why;
	size_t n, from;
	enum io r;

	do {
		r = stream_read(s, bytes, sizeof(bytes), &n, &why);
		fuzz_check(buffer_add(&rest, bytes, n));
	} while (r == IO_DONE || r == IO_AGAIN);
	fuzz_check(rest.length <= below->length);
	from = below->length - rest.length;
	fuzz_check(rest.length == 0 ||
		   !memcmp(buffer_bytes(&rest), below->gives + from, rest.length));
	buffer_free(&rest);
	return from;
}

static struct outcome run(uint8_t way, struct scripted *below)
{
	struct stream *s = layer(way, &below->stream);
	struct outcome o = { .result = IO_AGAIN };

	while (o.result == IO_AGAIN)
		o.result = stream_open(s, &o.why);
	fuzz_check(o.result == IO_DONE || o.result == IO_FAILED);
	if (o.result == IO_FAILED)
		fuzz_check(o.why.class == FAILURE_PROXY && *o.why.text);
	else
		o.taken = check_rest(s, below);
	/* The push-back layer, and this one; what lies below is the test's. */
	s->below->below = NULL;
	stream_free(s);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t way = fuzz_byte(&data, &size);
	struct scripted pieces, whole = { 0 };
	struct outcome in_pieces, at_once;

	scripted_init(&pieces, &data, &size);
	whole.stream = pieces.stream;
	whole.then = pieces.then;
	pieces.gives = whole.gives = data;
	pieces.length = whole.length = size;
	in_pieces = run(way, &pieces);
	at_once = run(way, &whole);
	if (!pieces.lost)
		fuzz_check(in_pieces.result == at_once.result && in_pieces.taken == at_once.taken);
	scripted_free(&pieces);
	scripted_free(&whole);
	return 0;
}
