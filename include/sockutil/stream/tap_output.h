/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TAP_OUTPUT_H
#define SOCKUTIL_STREAM_TAP_OUTPUT_H
/*
 * A file that a recording goes to. Pieces are gathered and written when 64 KiB wait, or when a
 * piece comes and the last write was a second ago. Only whole pieces are written at once, so
 * that several processes may share the file.
 */
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>

struct tap_output {
	int fd;                /* -1: not open */
	char *name;            /* owned */
	struct buffer waiting; /* append to it, then call tap_output_added() */
	int64_t written_ms;    /* clock_ms() of the last write */
};

/* Created 0600, emptied when it exists. FAILURE_OUTPUT names it. */
bool tap_output_open(struct tap_output *out, const char *name, struct failure *why);
bool tap_output_added(struct tap_output *out, struct failure *why);
bool tap_output_flush(struct tap_output *out, struct failure *why);
/* Flushes, closes and frees, also when one of them fails; nothing when it is not open. */
bool tap_output_close(struct tap_output *out, struct failure *why);
#endif
