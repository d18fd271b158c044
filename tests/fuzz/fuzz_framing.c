/* SPDX-License-Identifier: MIT */
/* fuzz_framing.c - messages in a stream: nothing is lost, and how the bytes were split does not
 * matter. */
#include "fuzz.h"

#include <sockutil/proto/framing.h>

/* What a whole stream came to. */
struct outcome {
	enum io end;
	enum failure_class class;
	size_t messages;
	size_t consumed;
	uint64_t digest;
};

static void count(struct outcome *o, const struct message *m)
{
	o->messages++;
	o->consumed += m->consumed;
	for (size_t i = 0; i < m->length; i++)
		o->digest = (o->digest ^ (unsigned char)m->bytes[i]) * UINT64_C(1099511628211);
	o->digest = (o->digest ^ m->length ^ strlen(m->trailer) << 32) * UINT64_C(1099511628211);
}

static void check_message(enum framing framing, const struct message *m, const char *input,
			  size_t length, size_t limit)
{
	size_t head = framing == FRAMING_LENGTH ? 4 : 0;

	fuzz_check(m->consumed > 0 && m->consumed <= length);
	fuzz_check(m->length <= limit && m->bytes == input + head);
	fuzz_check(head + m->length + strlen(m->trailer) == m->consumed);
	fuzz_check(!memcmp(m->bytes + m->length, m->trailer, strlen(m->trailer)));
	fuzz_check(framing != FRAMING_LINE || !memchr(m->bytes, '\n', m->length));
}

static struct outcome played(enum framing framing, const char *input, size_t length, size_t piece,
			     size_t limit)
{
	struct outcome o = { .digest = UINT64_C(14695981039346656037) };
	struct failure why = { 0 };
	struct message m;
	size_t have = piece < length ? piece : length;

	for (;;) {
		bool ended = have == length;

		o.end = framing_next(framing, input + o.consumed, have - o.consumed, ended, limit,
				     &m, &why);
		if (o.end == IO_DONE) {
			check_message(framing, &m, input + o.consumed, have - o.consumed, limit);
			count(&o, &m);
		} else if (o.end == IO_AGAIN) {
			fuzz_check(!ended);
			have = length - have < piece ? length : have + piece;
		} else {
			o.class = why.class;
			return o;
		}
	}
}

static void check_wrapped(enum framing framing, const char *input, size_t length)
{
	struct failure why = { 0 };
	struct message m;
	const char *tail;
	char *framed = malloc(length + 6);
	size_t head;

	fuzz_check(framed != NULL);
	head = framing_wrap(framing, length, framed, &tail);
	memcpy(framed + head, input, length);
	memcpy(framed + head + length, tail, strlen(tail) + 1);
	if (framing == FRAMING_LENGTH || !memchr(input, '\n', length)) {
		fuzz_check(framing_next(framing, framed, head + length + strlen(tail), true, length,
					&m,
					&why) == (head + length + strlen(tail) ? IO_DONE : IO_END));
	}
	free(framed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum framing framing = (enum framing)(fuzz_byte(&data, &size) % 3);
	size_t piece = (size_t)fuzz_byte(&data, &size) + 1;
	size_t limit = fuzz_byte(&data, &size);
	char *input = fuzz_text(data, size);
	struct outcome split = played(framing, input, size, piece, limit);
	struct outcome whole = played(framing, input, size, size ? size : 1, limit);

	fuzz_check(split.end == IO_FAILED
			   ? split.class == FAILURE_SIZE || split.class == FAILURE_TRUNCATED
			   : split.consumed == size);
	if (framing != FRAMING_CHUNK)
		fuzz_check(split.end == whole.end && split.class == whole.class &&
			   split.messages == whole.messages && split.digest == whole.digest);
	check_wrapped(framing, input, size);
	free(input);
	return 0;
}
