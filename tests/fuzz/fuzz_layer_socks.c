/* SPDX-License-Identifier: MIT */
/* fuzz_layer_socks.c - what a SOCKS proxy answers: however it comes in pieces, the end is the same;
 * what opened gives every byte behind the answer; failures are the proxy's. */
#include "scripted.h"

#include <sockutil/stream/layer_socks.h>

struct outcome {
	enum io result;
	struct failure why;
	size_t taken; /* bytes of the answer */
};

static struct stream *layer(uint8_t way, struct stream *below)
{
	static const enum proxy_kind kinds[] = { PROXY_SOCKS4, PROXY_SOCKS4A, PROXY_SOCKS5,
						 PROXY_SOCKS5H };
	struct layer_socks_request request = { .kind = kinds[way % 4] };
	struct failure why = { 0 };
	struct stream *s;

	request.to.is_name = request.kind != PROXY_SOCKS4;
	request.to.port = 443;
	snprintf(request.to.host, sizeof(request.to.host), "%s",
		 request.to.is_name ? "host.test" : "192.0.2.1");
	if (way & 4) {
		request.user = "me";
		request.password = "pw";
	}
	s = layer_socks_new(below, &request, &why);
	fuzz_check(s != NULL);
	return s;
}

static void check_rest(struct stream *s, const struct scripted *below)
{
	size_t from = below->given;
	char bytes[64];
	struct failure why;
	size_t n;
	enum io r;

	do {
		r = stream_read(s, bytes, sizeof(bytes), &n, &why);
		if (r == IO_DONE)
			fuzz_check(!memcmp(bytes, below->gives + from, n));
		from += n;
	} while (r == IO_DONE || r == IO_AGAIN);
	fuzz_check(from == below->length);
}

static struct outcome run(uint8_t way, struct scripted *below)
{
	struct stream *s = layer(way, &below->stream);
	struct outcome o = { .result = IO_AGAIN };

	while (o.result == IO_AGAIN)
		o.result = stream_open(s, &o.why);
	o.taken = below->given;
	fuzz_check(o.result == IO_DONE || o.result == IO_FAILED);
	if (o.result == IO_FAILED)
		fuzz_check(o.why.class == FAILURE_PROXY && *o.why.text);
	else
		check_rest(s, below);
	s->ops->free(s);
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
	/* A failure may be seen a byte earlier where fewer come at once. */
	if (!pieces.lost) {
		fuzz_check(in_pieces.result == at_once.result);
		fuzz_check(in_pieces.result == IO_FAILED || in_pieces.taken == at_once.taken);
	}
	scripted_free(&pieces);
	scripted_free(&whole);
	return 0;
}
