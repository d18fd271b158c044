/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_REPORT_H
#define SOCKUTIL_GET_REPORT_H
/* What is told of a transfer: --timing, --info json, --stats, and a sentence for -v. All append to
 * a buffer and return false when memory is short. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/get/transfer.h>

/* Without its userinfo, for messages: that of the first hop, else as it was given up to a
 * "user:password@" that is left out. Cut at size. Returns out. */
const char *report_url(char *out, size_t size, const struct transfer_report *report);

/* A waterfall: a line for each hop, below it one for each thing that took time (names, connect,
 * TLS, request, first byte, body), with a bar on the time scale of the whole transfer; total. */
bool report_timing(struct buffer *out, const struct transfer_report *report);

/* One JSON object on one line: hops with addresses and TLS, sizes, file, failure; times in
 * microseconds since the start. checksum: what --checksum asked for ("sha256:HEX"), or NULL. */
bool report_transfer_json(struct buffer *out, const struct transfer_report *report,
			  const char *checksum);

/* "http://h/a: 200, 12 MiB in 1.20s (10 MiB/s) to a; 2 tries; 1 redirect", no newline. */
bool report_sentence(struct buffer *out, const struct transfer_report *report);

/* "kept a.part (12 MiB of 40 MiB); --continue goes on". The report has kept. */
bool report_kept(struct buffer *out, const struct transfer_report *report);

/* Of a whole run. */
struct report_totals {
	uint64_t urls, failed;
	uint64_t requests, reused;    /* hops, and those on connections that were open already */
	uint64_t done, transferred;   /* bytes written, bytes of bodies from the network */
	int64_t started_us, ended_us; /* clock_us() */
};
void report_totals_add(struct report_totals *totals, const struct transfer_report *report);
/* Lines "name  value". */
bool report_totals_text(struct buffer *out, const struct report_totals *totals);
#endif
