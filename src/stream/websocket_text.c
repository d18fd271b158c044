/* SPDX-License-Identifier: MIT */
/* websocket_text.c - UTF-8 that comes in pieces, wrong at the first byte that cannot go on. */
#include <string.h>

#include <sockutil/stream/websocket_parts.h>

/* RFC 3629, 4: what may follow a first byte. */
static bool text_begin(struct websocket_text *t, uint8_t byte)
{
	t->low = 0x80;
	t->high = 0xbf;
	if (byte >= 0xc2 && byte <= 0xdf) {
		t->need = 1;
	} else if (byte >= 0xe0 && byte <= 0xef) {
		t->need = 2;
		t->low = byte == 0xe0 ? 0xa0 : 0x80;
		t->high = byte == 0xed ? 0x9f : 0xbf;
	} else if (byte >= 0xf0 && byte <= 0xf4) {
		t->need = 3;
		t->low = byte == 0xf0 ? 0x90 : 0x80;
		t->high = byte == 0xf4 ? 0x8f : 0xbf;
	} else {
		return byte < 0x80;
	}
	t->have = 1;
	return true;
}

static bool text_go_on(struct websocket_text *t, uint8_t byte)
{
	if (byte < t->low || byte > t->high)
		return false;
	t->need--;
	t->have = t->need > 0 ? (uint8_t)(t->have + 1) : 0;
	t->low = 0x80;
	t->high = 0xbf;
	return true;
}

/* Eight bytes of ASCII at once: what most text is made of. */
static bool is_plain(const char *bytes)
{
	uint64_t eight;

	memcpy(&eight, bytes, sizeof(eight));
	return (eight & UINT64_C(0x8080808080808080)) == 0;
}

size_t websocket_text_check(struct websocket_text *text, const char *bytes, size_t length)
{
	size_t i = 0;

	while (i < length) {
		const uint8_t byte = (uint8_t)bytes[i];

		if (text->need == 0 && length - i >= 8 && is_plain(bytes + i)) {
			i += 8;
			continue;
		}
		if (!(text->need ? text_go_on(text, byte) : text_begin(text, byte)))
			return i;
		i++;
	}
	return i;
}
