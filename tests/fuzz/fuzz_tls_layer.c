/* SPDX-License-Identifier: MIT */
/*
 * fuzz_tls_layer.c - TLS against a peer that says anything, and between two sides with a meddler in
 * the middle.
 *
 *   stranger  the input is all that the peer sends: the handshake waits or fails, and says why
 *   meddler   bytes of a real conversation are changed, dropped, doubled, or it is cut: what a
 *             side reads begins what the other wrote, and an end that nobody wrote is none
 */
#include "../unit/support/tls_memory.c"
#include "fuzz.h"

#include <openssl/err.h>

#include <sockutil/stream/tls/tls_api.h>

enum { MEDDLER = 1, SERVER = 2, OLD = 4, ENDS = 8, BREAKS = 16, DEAF = 32 };
enum { CHANGES_MAX = 4, ROUNDS_MAX = 20000, SAID = 40000 };

static struct tls_context *contexts[2][2]; /* old, server */

static void make_contexts(void)
{
	struct failure why = { 0 };

	fuzz_check(!setenv("SSL_CERT_FILE", "/dev/null", 1));
	for (int old = 0; old < 2; old++) {
		struct tls_options options = { .insecure = true, .max = old ? "1.2" : NULL };

		contexts[old][0] = sockutil_tls_api.client(&options, &why);
		contexts[old][1] = sockutil_tls_api.server(&options, &why);
		fuzz_check(contexts[old][0] && contexts[old][1]);
	}
}

static struct stream *layer_over(bool old, bool server, struct stream *below)
{
	struct failure why = { 0 };
	struct stream *s = server ? sockutil_tls_api.accept(contexts[old][1], below, &why)
				  : sockutil_tls_api.connect(contexts[old][0], below,
							     "host.example", "443", &why);

	fuzz_check(s != NULL);
	return s;
}

/* --- a stranger ------------------------------------------------------------ */

static void check_refusal(const struct failure *why)
{
	fuzz_check(why->class == FAILURE_TLS || why->class == FAILURE_CERTIFICATE);
	fuzz_check(*why->text && !strchr(why->text, '\n'));
}

static void stranger(uint8_t kind, const uint8_t *data, size_t size)
{
	struct tls_memory wire;
	struct failure why = { 0 };
	struct stream *s;
	enum io r;

	tls_memory_init(&wire);
	wire.way[1].piece = fuzz_byte(&data, &size);
	wire.way[1].ended = kind & ENDS;
	wire.way[1].lost = kind & BREAKS && !(kind & ENDS);
	wire.way[0].window = kind & DEAF ? 100 : 1 << 20;
	fuzz_check(!size || buffer_add(&wire.way[1].bytes, data, size));
	s = layer_over(kind & OLD, kind & SERVER, &wire.a.stream);
	r = stream_open(s, &why);
	fuzz_check(r == IO_AGAIN || r == IO_FAILED);
	if (r == IO_FAILED) {
		check_refusal(&why);
	} else if (stream_want(s, STREAM_READ) & STREAM_WANT_READ) {
		/* It waits only for what is not there. */
		fuzz_check(wire.way[1].bytes.length == 0 && !(kind & ENDS) && !wire.way[1].lost);
	} else {
		fuzz_check((kind & DEAF) && wire.way[0].bytes.length == wire.way[0].window);
	}
	fuzz_check(ERR_peek_error() == 0);
	stream_free(s);
	tls_memory_free(&wire);
}

/* --- a meddler ------------------------------------------------------------- */

struct change {
	uint16_t at; /* byte of the direction */
	uint8_t what, byte;
	bool done;
};

enum { CHANGE_XOR, CHANGE_DROP, CHANGE_INSERT, CHANGE_CUT };

/* Both sides, each with its own wire; between the wires somebody changes what passes. */
struct conversation {
	struct tls_memory wires[2];
	struct stream *sides[2]; /* client, server */
	enum io opened[2], read[2];
	bool ended[2];
	size_t passed[2], wrote[2], heard[2]; /* of each side */
	struct change changes[2][CHANGES_MAX];
	bool touched, cut[2];
};

static char said_byte(int side, size_t at)
{
	return (char)(at * 7 + at / 251 + (side ? 100 : 0));
}

static void pass_byte(struct conversation *c, int from, char byte, struct tls_memory_way *to)
{
	for (int i = 0; i < CHANGES_MAX; i++) {
		struct change *change = &c->changes[from][i];

		if (change->done || change->at != c->passed[from] || !change->byte)
			continue;
		change->done = c->touched = true;
		if (change->what % 4 == CHANGE_CUT)
			c->cut[from] = true;
		if (change->what % 4 == CHANGE_INSERT)
			fuzz_check(buffer_add(&to->bytes, (char *)&change->byte, 1));
		if (change->what % 4 == CHANGE_XOR)
			byte ^= (char)change->byte;
		if (change->what % 4 == CHANGE_DROP)
			goto passed;
	}
	if (!c->cut[from])
		fuzz_check(buffer_add(&to->bytes, &byte, 1));
passed:
	c->passed[from]++;
}

/* Moves what one side sent to the other; true: there was something. */
static bool pass(struct conversation *c, int from)
{
	struct tls_memory_way *out = &c->wires[from].way[0], *in = &c->wires[!from].way[1];
	size_t count = out->bytes.length;

	for (size_t i = 0; i < count; i++)
		pass_byte(c, from, buffer_bytes(&out->bytes)[i], in);
	if (count)
		buffer_take(&out->bytes, count);
	if ((out->ended && !in->ended) || (c->cut[from] && !in->ended)) {
		in->ended = true;
		return true;
	}
	return count > 0;
}

static bool write_side(struct conversation *c, int side, size_t length)
{
	char bytes[5000];
	size_t count = 0, piece = c->wrote[side] % 2 ? 700 : sizeof(bytes);
	struct failure why = { 0 };
	enum io r = IO_DONE;

	piece = piece < length - c->wrote[side] ? piece : length - c->wrote[side];
	for (size_t i = 0; i < piece; i++)
		bytes[i] = said_byte(side, c->wrote[side] + i);
	if (piece)
		r = stream_write(c->sides[side], bytes, piece, &count, &why);
	else if (!c->ended[side])
		r = stream_end(c->sides[side], &why);
	else
		return false;
	c->wrote[side] += count;
	c->ended[side] = c->ended[side] || (!piece && r == IO_DONE);
	if (r == IO_FAILED) {
		fuzz_check(c->touched && *why.text);
		c->wrote[side] = length;
		c->ended[side] = true;
	}
	if (r == IO_DONE)
		stream_flush(c->sides[side], &why);
	return r == IO_DONE;
}

static bool read_side(struct conversation *c, int side)
{
	char bytes[3000];
	size_t count = 0;
	struct failure why = { 0 };

	c->read[side] = stream_read(c->sides[side], bytes, sizeof(bytes), &count, &why);
	for (size_t i = 0; i < count; i++)
		fuzz_check(bytes[i] == said_byte(!side, c->heard[side] + i));
	c->heard[side] += count;
	fuzz_check(c->heard[side] <= c->wrote[!side]);
	if (c->read[side] == IO_END)
		fuzz_check(c->ended[!side] || c->wires[!side].way[0].ended ||
			   c->heard[side] == c->wrote[!side]);
	if (c->read[side] == IO_FAILED)
		fuzz_check(c->touched && *why.text && why.class != FAILURE_NONE);
	return c->read[side] == IO_DONE;
}

static bool turn(struct conversation *c, int side, size_t length)
{
	struct failure why = { 0 };
	bool moved = false;

	if (c->opened[side] == IO_AGAIN) {
		c->opened[side] = stream_open(c->sides[side], &why);
		if (c->opened[side] == IO_FAILED) {
			fuzz_check(c->touched);
			check_refusal(&why);
			c->wires[side].way[0].ended = true; /* its user closes it */
		}
		moved = c->opened[side] != IO_AGAIN;
	}
	if (c->opened[side] != IO_DONE)
		return moved;
	if (c->read[side] == IO_DONE || c->read[side] == IO_AGAIN)
		moved = read_side(c, side) || moved;
	return write_side(c, side, length) || moved;
}

static void converse(struct conversation *c, size_t length)
{
	bool moved = true;
	int rounds = 0;

	for (; moved; rounds++) {
		fuzz_check(rounds < ROUNDS_MAX);
		moved = false;
		for (int side = 0; side < 2; side++) {
			moved = turn(c, side, length) || moved;
			moved = pass(c, side) || moved;
			fuzz_check(ERR_peek_error() == 0);
		}
	}
	if (c->touched)
		return;
	for (int side = 0; side < 2; side++) {
		fuzz_check(c->opened[side] == IO_DONE && c->read[side] == IO_END);
		fuzz_check(c->heard[side] == length && c->ended[side]);
	}
}

static void read_changes(struct conversation *c, const uint8_t *data, size_t size)
{
	for (int i = 0; i < 2 * CHANGES_MAX && size >= 4; i++) {
		struct change *change = &c->changes[i % 2][i / 2];

		change->at = (uint16_t)(fuzz_byte(&data, &size) << 8);
		change->at = (uint16_t)(change->at | fuzz_byte(&data, &size));
		change->what = fuzz_byte(&data, &size);
		change->byte = fuzz_byte(&data, &size);
	}
}

static void meddler(uint8_t kind, const uint8_t *data, size_t size)
{
	struct conversation *c = calloc(1, sizeof(*c));
	size_t length = (size_t)fuzz_byte(&data, &size) * SAID / 255;
	size_t piece = fuzz_byte(&data, &size);

	fuzz_check(c != NULL);
	for (int side = 0; side < 2; side++) {
		tls_memory_init(&c->wires[side]);
		c->wires[side].way[0].window = kind & DEAF ? 300 : 1 << 20;
		/* One byte a call is slow when there is much to say. */
		c->wires[side].way[1].piece = piece && length > 1000 ? piece + 100 : piece;
		c->sides[side] = layer_over(kind & OLD, side, &c->wires[side].a.stream);
		c->opened[side] = c->read[side] = IO_AGAIN;
	}
	read_changes(c, data, size);
	converse(c, length);
	for (int side = 0; side < 2; side++) {
		stream_free(c->sides[side]);
		tls_memory_free(&c->wires[side]);
	}
	free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t kind = fuzz_byte(&data, &size);

	if (!contexts[0][0])
		make_contexts();
	if (kind & MEDDLER)
		meddler(kind, data, size);
	else
		stranger(kind, data, size);
	return 0;
}
