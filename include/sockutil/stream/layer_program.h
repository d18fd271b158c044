/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_PROGRAM_H
#define SOCKUTIL_STREAM_LAYER_PROGRAM_H
/*
 * A program's pipes, or its terminal, as the bottom of a stack: what it writes is read, what is
 * written it reads.
 *
 *   it reads no more   what is written is taken and dropped: no failure
 *   it writes no more  the end (a terminal says EIO)
 *   end                closes its input; a terminal gets its end-of-file character, and stays open
 *
 * Failures: reading FAILURE_INPUT, writing FAILURE_OUTPUT, for what a pipe never says.
 */
#include <sockutil/stream/stream.h>

/* Takes over the descriptors, which must not block; terminal: both are one pseudo-terminal's. */
struct stream *layer_program_new(int input, int output, bool terminal);
/* True for a terminal that was given its end-of-file character but hands over every byte as it
 * comes: there the character ends nothing. */
bool layer_program_lost_end(const struct stream *s);
#endif
