/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RELAY_PLAYED_H
#define TESTS_RELAY_PLAYED_H
/* A stream without a descriptor: gives what the test put in, takes what the test allows. */
#include <sockutil/base/buffer.h>
#include <sockutil/stream/stream.h>

struct played {
	struct stream stream;
	struct buffer gives;  /* read from the front */
	size_t at_most;       /* bytes a read gives; 0: all */
	enum io then;         /* what read says when gives is empty: IO_AGAIN, IO_END, IO_FAILED */
	struct buffer took;   /* what was written */
	size_t takes;         /* bytes it still takes; SIZE_MAX: any number */
	size_t takes_at_once; /* 0: all */
	bool write_fails;
	size_t holds; /* written and not flushed */
	unsigned flushes, ends;
};

void played_init(struct played *p);
void played_free(struct played *p);
#endif
