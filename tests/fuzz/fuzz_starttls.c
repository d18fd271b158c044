/* SPDX-License-Identifier: MIT */
/* fuzz_starttls.c - a server's words before TLS: how they were cut does not matter, and nothing
 * behind the last one is ever taken. */
#include "fuzz.h"

#include <sockutil/proto/starttls.h>

static enum io played(enum starttls_protocol protocol, const char *words, size_t length,
		      size_t piece, struct buffer *said, struct starttls *s,
		      enum failure_class *class)
{
	struct failure why = { .class = FAILURE_NONE };
	enum io r;

	starttls_init(s, protocol, "example.org");
	r = starttls_step(s, words, 0, said, &why);
	for (size_t have = 0; r == IO_AGAIN && have < length;) {
		have = length - have < piece ? length : have + piece;
		r = starttls_step(s, words, have, said, &why);
		fuzz_check(s->used <= have);
		/* A whole answer: what is fed later belongs to TLS. */
		if (r == IO_DONE)
			fuzz_check(s->used == have);
	}
	*class = r == IO_FAILED ? why.class : FAILURE_NONE;
	fuzz_check(r != IO_FAILED || (why.class != FAILURE_NONE && *why.text));
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const enum starttls_protocol protocol =
		(enum starttls_protocol)(1 + fuzz_byte(&data, &size) % (STARTTLS_PROTOCOLS - 1));
	char *words = fuzz_text(data, size);
	struct buffer bytewise = { 0 }, whole = { 0 };
	struct starttls a, b;
	enum failure_class class_a, class_b;
	const enum io ra = played(protocol, words, size, 1, &bytewise, &a, &class_a);
	const enum io rb = played(protocol, words, size, size ? size : 1, &whole, &b, &class_b);

	/* Byte by byte it may reach TLS before the words that make the whole a failure. */
	if (rb == IO_DONE)
		fuzz_check(ra == IO_DONE && a.used == b.used);
	if (rb == IO_AGAIN)
		fuzz_check(ra == IO_AGAIN);
	if (ra == IO_DONE && rb == IO_FAILED)
		fuzz_check(class_b == FAILURE_PROTOCOL && a.used < size);
	if (ra == IO_FAILED)
		fuzz_check(rb == IO_FAILED && class_a == class_b);
	buffer_free(&bytewise);
	buffer_free(&whole);
	free(words);
	return 0;
}
