/* SPDX-License-Identifier: MIT */
/* fuzz_record.c - bytes through the two printers of traffic: what they write is sound and holds
 * every byte. */
#include "fuzz.h"

#include <sockutil/proto/hexdump.h>
#include <sockutil/proto/pcapng.h>

/* --- hex lines ------------------------------------------------------------- */

static unsigned nibble(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	fuzz_check(at != NULL);
	return (unsigned)(at - digits);
}

static void check_line(const char *line, const uint8_t *bytes, size_t count)
{
	const char *hex = strstr(line, "  ");

	fuzz_check(hex != NULL);
	hex += 2;
	for (size_t i = 0; i < count; i++) {
		const char *at = hex + 3 * i + (i >= 8);

		fuzz_check((nibble(at[0]) << 4 | nibble(at[1])) == bytes[i]);
	}
	fuzz_check(hex[50] == '|' && hex[51 + count] == '|' && hex[52 + count] == '\n');
}

static void check_hexdump(const uint8_t *data, size_t size, int64_t microseconds, uint64_t offset)
{
	struct buffer out = { 0 };
	const char *line, *end;

	fuzz_check(hexdump_lines(&out, '<', microseconds, offset, data, size));
	line = buffer_text(&out);
	end = line + out.length;
	for (const char *c = line; c < end; c++)
		fuzz_check((*c >= 0x20 && *c < 0x7f) || *c == '\n');
	for (size_t at = 0; at < size; at += 16) {
		check_line(line, data + at, size - at < 16 ? size - at : 16);
		line = strchr(line, '\n') + 1;
	}
	fuzz_check(line == end);
	buffer_free(&out);
}

/* --- pcapng ---------------------------------------------------------------- */

static uint32_t little(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

/* What a recording must come to, kept beside it: the bytes of each direction. */
struct expected {
	struct buffer bytes[2];
};

/* Takes the payload of a packet off what is expected of its direction. */
static void check_packet(const unsigned char *block, uint32_t total, struct expected *e)
{
	uint32_t length = little(block + 20), padded = (length + 3) / 4 * 4;
	const unsigned char *ip = block + 28;
	size_t header = ip[0] >> 4 == 6 ? 40 : 20;
	size_t tcp = (size_t)(ip[header + 12] >> 4) * 4;
	unsigned direction = little(block + 28 + padded + 4);
	struct buffer *b = &e->bytes[direction == 2 ? 0 : 1];

	fuzz_check(total == 44 + padded && little(block + 24) == length);
	fuzz_check(direction == 1 || direction == 2);
	fuzz_check(length <= 65535 && header + tcp <= length);
	length -= (uint32_t)(header + tcp);
	fuzz_check(length <= b->length);
	fuzz_check(!length || !memcmp(ip + header + tcp, buffer_bytes(b), length));
	buffer_take(b, length);
}

static void check_blocks(const struct buffer *out, struct expected *e)
{
	const unsigned char *block = (const unsigned char *)buffer_bytes(out);
	size_t left = out->length;

	while (left) {
		uint32_t total;

		fuzz_check(left >= 12);
		total = little(block + 4);
		fuzz_check(total % 4 == 0 && total >= 12 && total <= left);
		fuzz_check(little(block + total - 4) == total);
		if (little(block) == 6)
			check_packet(block, total, e);
		block += total;
		left -= total;
	}
	fuzz_check(!e->bytes[0].length && !e->bytes[1].length);
}

static void play(struct buffer *out, struct pcapng_flow *flow, struct expected *e,
		 const uint8_t *data, size_t size)
{
	while (size) {
		uint8_t step = fuzz_byte(&data, &size);
		enum pcapng_direction direction = step & 4 ? PCAPNG_SENT : PCAPNG_RECEIVED;
		size_t count = (size_t)(step >> 3) * 8 < size ? (size_t)(step >> 3) * 8 : size;

		switch (step & 3) {
		case 0:
			fuzz_check(pcapng_open(out, flow, direction == PCAPNG_SENT, step));
			break;
		case 1:
			fuzz_check(pcapng_end(out, flow, direction, step));
			break;
		case 2:
			fuzz_check(pcapng_reset(out, flow, direction, step));
			break;
		default:
			fuzz_check(pcapng_data(out, flow, direction, data, count, INT64_MAX));
			fuzz_check(buffer_add(&e->bytes[direction == PCAPNG_SENT ? 0 : 1], data,
					      count));
			data += count;
			size -= count;
		}
	}
}

static void check_pcapng(const uint8_t *data, size_t size)
{
	struct sockaddr_in6 local = { .sin6_family = AF_INET6 }, peer = local;
	struct buffer out = { 0 };
	struct expected e = { 0 };
	struct pcapng_flow flow;
	uint8_t kind = fuzz_byte(&data, &size);
	char *name = fuzz_text(data, size < 2000 ? size : 2000);

	memcpy(&local.sin6_addr, data, size < 16 ? size : 16);
	if (kind & 1)
		memcpy(&peer.sin6_addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff\1\2\3\4", 16);
	pcapng_flow_init(&flow, kind & 2 ? (const void *)&local : NULL, (const void *)&peer, kind);
	fuzz_check(pcapng_header(&out, name));
	play(&out, &flow, &e, data, size);
	check_blocks(&out, &e);
	buffer_free(&out);
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_hexdump(data, size, (int64_t)size * 99991, (uint64_t)size << 40 | size);
	check_pcapng(data, size);
	return 0;
}
