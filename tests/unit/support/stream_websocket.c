/* SPDX-License-Identifier: MIT */
/* stream_websocket.c - a WebSocket layer over a played stream, and frames by hand. */
#include "stream_websocket.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct played websocket_below;
struct stream *websocket_top;
struct layer_websocket *websocket_layer;
struct failure websocket_why;

static struct buffer shown;

static void prepared(void)
{
	played_init(&websocket_below);
	websocket_why = (struct failure){ 0 };
	shown = (struct buffer){ 0 };
}

static void opened(void)
{
	cr_assert_eq(stream_open(websocket_top, &websocket_why), IO_DONE, "%s", websocket_why.text);
	buffer_free(&websocket_below.took);
	websocket_below.flushes = 0;
}

void websocket_open_server(const struct websocket_options *options, const char *extensions)
{
	struct buffer text = { 0 };
	struct http_request_head request;
	struct http_head_scan scan = { 0 };
	int status;

	prepared();
	buffer_format(&text,
		      "GET /room?x=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
		      "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		      "Sec-WebSocket-Version: 13\r\n%s%s%s\r\n",
		      extensions ? "Sec-WebSocket-Extensions: " : "", extensions ? extensions : "",
		      extensions ? "\r\n" : "");
	cr_assert_eq(http_request_head_parse(&request, &scan, buffer_bytes(&text), text.length,
					     &status, &websocket_why),
		     IO_DONE);
	websocket_top = layer_websocket_accept(&websocket_below.stream, options, &request, NULL, 0,
					       &status, &websocket_why);
	buffer_free(&text);
	cr_assert_not_null(websocket_top, "%s", websocket_why.text);
	websocket_layer = websocket_of(websocket_top);
	opened();
}

void websocket_open_client(const struct websocket_options *options, const char *extensions)
{
	char accept[WEBSOCKET_ACCEPT_MAX];
	const char *key;

	prepared();
	websocket_top =
		layer_websocket_connect(&websocket_below.stream, options, "x", "/", &websocket_why);
	cr_assert_not_null(websocket_top, "%s", websocket_why.text);
	websocket_layer = websocket_of(websocket_top);
	cr_assert_eq(stream_open(websocket_top, &websocket_why), IO_AGAIN);
	key = strstr(buffer_text(&websocket_below.took), "Key: ") + 5;
	buffer_format(&websocket_below.gives,
		      "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		      "Sec-WebSocket-Accept: %s\r\n%s%s%s\r\n",
		      websocket_accept(accept, key, 24),
		      extensions ? "Sec-WebSocket-Extensions: " : "", extensions ? extensions : "",
		      extensions ? "\r\n" : "");
	opened();
}

void websocket_close_all(void)
{
	stream_free(websocket_top);
	played_free(&websocket_below);
	buffer_free(&shown);
}

/* ------ what the peer sends ------ */

void websocket_gives_raw(const void *bytes, size_t length)
{
	cr_assert(buffer_add(&websocket_below.gives, bytes, length));
}

void websocket_gives(unsigned first, const void *payload, size_t length)
{
	const unsigned masked = websocket_layer->server ? 0x80 : 0;
	const uint8_t mask[4] = { 0x11, 0x22, 0x33, 0x44 };
	const uint8_t *bytes = payload;
	uint8_t head[10] = { (uint8_t)first, 0 };
	size_t head_length = 2;

	if (length < 126) {
		head[1] = (uint8_t)(masked | length);
	} else if (length < 65536) {
		head[1] = (uint8_t)(masked | 126);
		head[2] = (uint8_t)(length >> 8);
		head[3] = (uint8_t)length;
		head_length = 4;
	} else {
		head[1] = (uint8_t)(masked | 127);
		for (int i = 0; i < 8; i++)
			head[2 + i] = (uint8_t)(length >> (56 - 8 * i));
		head_length = 10;
	}
	websocket_gives_raw(head, head_length);
	if (masked)
		websocket_gives_raw(mask, sizeof(mask));
	for (size_t i = 0; i < length; i++) {
		const uint8_t byte = masked ? bytes[i] ^ mask[i % 4] : bytes[i];

		websocket_gives_raw(&byte, 1);
	}
}

void websocket_gives_text(unsigned first, const char *payload)
{
	websocket_gives(first, payload, strlen(payload));
}

/* ------ what is read ------ */

const char *websocket_reads(enum io *result)
{
	static char bytes[4096];
	size_t n = 0;

	*result = stream_read(websocket_top, bytes, sizeof(bytes) - 1, &n, &websocket_why);
	bytes[n] = '\0';
	return bytes;
}

enum io websocket_reads_all(struct buffer *all)
{
	char bytes[1000];
	size_t n = 0;
	enum io r;

	while ((r = stream_read(websocket_top, bytes, sizeof(bytes), &n, &websocket_why)) ==
	       IO_DONE)
		cr_assert(buffer_add(all, bytes, n));
	return r;
}

/* ------ what was sent ------ */

int websocket_sent(const char **payload, size_t *length)
{
	static char bytes[1 << 20];
	struct buffer *took = &websocket_below.took;
	const uint8_t *at = (const uint8_t *)buffer_bytes(took);
	size_t head = 2, count;
	int first;

	if (took->length < 2)
		return -1;
	first = at[0];
	count = at[1] & 0x7f;
	/* RFC 6455, 5.1: a client masks, a server does not. */
	cr_assert_eq(at[1] >> 7, !websocket_layer->server);
	if (count >= 126) {
		const size_t width = count == 126 ? 2 : 8;

		count = 0;
		for (size_t i = 0; i < width; i++)
			count = count << 8 | at[2 + i];
		head += width;
	}
	head += websocket_layer->server ? 0 : 4;
	cr_assert(count < sizeof(bytes) && took->length >= head + count);
	for (size_t i = 0; i < count; i++)
		bytes[i] =
			(char)(at[head + i] ^ (websocket_layer->server ? 0 : at[head - 4 + i % 4]));
	bytes[count] = '\0';
	buffer_take(took, head + count);
	*payload = bytes;
	*length = count;
	return first;
}

const char *websocket_all_sent(void)
{
	const char *payload;
	size_t length;
	int first;

	buffer_free(&shown);
	while ((first = websocket_sent(&payload, &length)) >= 0) {
		buffer_format(&shown, "%s%02x:", shown.length ? " " : "", (unsigned)first);
		/* A Close: its code in digits. */
		if (first == 0x88 && length >= 2) {
			buffer_format(&shown, "%u",
				      (unsigned)(uint8_t)payload[0] << 8 | (uint8_t)payload[1]);
			payload += 2;
			length -= 2;
			buffer_format(&shown, "%s", length ? " " : "");
		}
		buffer_add(&shown, payload, length);
	}
	return shown.length ? buffer_text(&shown) : "";
}
