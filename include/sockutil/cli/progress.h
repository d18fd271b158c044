/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_PROGRESS_H
#define SOCKUTIL_CLI_PROGRESS_H
/*
 * How far a transfer is, on standard error. On a terminal a bar on one line, drawn at most ten
 * times a second and erased before any message; anywhere else a notice every five seconds, so that
 * short work leaves nothing in a log. One at a time in a process: log_before_message() knows one.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The rate shown is that of the last PROGRESS_SAMPLES - 1 half seconds. */
enum {
	PROGRESS_SAMPLES = 9,
	PROGRESS_SAMPLE_MS = 500,
	PROGRESS_DRAW_MS = 100,
	PROGRESS_LINE_MS = 5000
};

/* Zeroed or started; the fields are the module's own. */
struct progress {
	uint64_t total; /* bytes, 0: unknown */
	int64_t started_ms, shown_ms;
	bool terminal; /* standard error is one that knows how to erase a line */
	bool drawn;    /* a bar stands on the line */
	struct {
		int64_t at_ms;
		uint64_t done;
	} samples[PROGRESS_SAMPLES]; /* a ring */
	size_t newest, sample_count;
};

/* What progress_format() puts into words. */
struct progress_state {
	uint64_t total, done; /* bytes; total 0: unknown */
	uint64_t rate;        /* bytes a second */
	int64_t elapsed_ms;
	unsigned columns; /* of the terminal; 0: as long as it is, without a bar */
};

/* p must stay where it is until progress_end. total in bytes, 0: unknown. */
void progress_start(struct progress *p, uint64_t total);
/* As often as the caller likes. done: bytes so far. */
void progress_show(struct progress *p, uint64_t done);
/* Erases the bar. A zeroed p is fine. */
void progress_end(struct progress *p);

/* " 42% [====>     ] 1.2 GiB of 2.9 GiB  310 MiB/s  5.00s left", or without a total "1.2 GiB  310
 * MiB/s  4.01s": at most columns - 1 characters, so that the cursor stays on the line. Returns the
 * length; out gets at most size bytes with the NUL. */
size_t progress_format(char *out, size_t size, const struct progress_state *state);
#endif
