/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_PROGRESS_TEXT_H
#define SOCKUTIL_CLI_PROGRESS_TEXT_H
/* A transfer's progress in words, and as JSON. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>

struct progress_state {
	uint64_t total, done; /* bytes; total 0: unknown */
	uint64_t rate;        /* bytes a second */
	int64_t elapsed_ms;
	unsigned columns; /* of the terminal; 0: as long as it is, without a bar */
	const char *name; /* in front, masked, cut to a third of the columns; NULL: none */
};

/* Room for any line. */
enum { PROGRESS_TEXT_MAX = 512 };

/* " 42% [====>     ] 1.2 GiB of 2.9 GiB  310 MiB/s  5.00s left", or without a total "1.2 GiB  310
 * MiB/s  4.01s": at most columns - 1 columns wide, so that the cursor stays on the line. Returns
 * the length in bytes; out gets at most size bytes with the NUL. */
size_t progress_format(char *out, size_t size, const struct progress_state *state);

/* {"event":"progress","url":"…","file":"…","done":1,"total":2,"rate":3,"eta":4} and a newline.
 * total and eta (seconds, rounded up) are null when they are not known. False when memory is
 * short. */
bool progress_json(struct buffer *out, const char *event, const char *url, const char *file,
		   const struct progress_state *state);
#endif
