/* SPDX-License-Identifier: MIT */
/* fuzz_websocket_extensions.c - offers of permessage-deflate: what a server chooses its client
 * agrees to, and both know the same; what is malformed is so wherever it stands. */
#include "fuzz.h"

#include <sockutil/proto/websocket_handshake.h>

static const char name[] = "Sec-WebSocket-Extensions";

static void put(struct http_head *head, const char *value, size_t length)
{
	head->fields[head->field_count++] =
		(struct http_field){ name, value, sizeof(name) - 1, length };
}

static void check_bits(const struct websocket_deflate *d)
{
	fuzz_check(d->client_bits >= WEBSOCKET_BITS_MIN && d->client_bits <= WEBSOCKET_BITS_MAX);
	fuzz_check(d->server_bits >= WEBSOCKET_BITS_MIN && d->server_bits <= WEBSOCKET_BITS_MAX);
}

static void check_choice(const struct websocket_deflate *chosen)
{
	struct http_head head = { 0 };
	struct websocket_deflate agreed;
	struct failure why = { 0 };
	struct buffer out = { 0 };

	fuzz_check(websocket_handshake_answer(&out, chosen));
	fuzz_check(chosen->agreed == (out.length > 0));
	if (chosen->agreed) {
		check_bits(chosen);
		/* "Name: value" CR LF */
		fuzz_check(out.length > sizeof(name) + 3);
		put(&head, buffer_bytes(&out) + sizeof(name) + 1, out.length - sizeof(name) - 3);
	}
	fuzz_check(websocket_handshake_agreed(&agreed, &head, true, &why));
	fuzz_check(agreed.agreed == chosen->agreed);
	if (chosen->agreed)
		fuzz_check(!memcmp(&agreed, chosen, sizeof(agreed)));
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	char *second = memchr(text, '\n', size);
	struct http_head whole = { 0 }, with_more = { 0 };
	struct websocket_deflate chosen, again;
	struct failure why = { 0 };
	const size_t first = second ? (size_t)(second - text) : size;

	put(&whole, text, first);
	if (second)
		put(&whole, second + 1, size - first - 1);
	if (websocket_handshake_choose(&chosen, &whole)) {
		check_choice(&chosen);
		/* What comes behind a choice changes nothing. */
		with_more = whole;
		put(&with_more, "permessage-deflate; server_max_window_bits=9", 44);
		fuzz_check(websocket_handshake_choose(&again, &with_more));
		fuzz_check(again.agreed &&
			   (!chosen.agreed || again.server_bits == chosen.server_bits));
		put(&with_more, ";", 1);
		fuzz_check(!websocket_handshake_choose(&again, &with_more));
	}
	if (websocket_handshake_agreed(&chosen, &whole, true, &why)) {
		if (chosen.agreed)
			check_bits(&chosen);
	} else {
		fuzz_check(why.class == FAILURE_PROTOCOL && *why.text);
	}
	if (websocket_handshake_agreed(&again, &whole, false, &why))
		fuzz_check(!again.agreed);
	free(text);
	return 0;
}
