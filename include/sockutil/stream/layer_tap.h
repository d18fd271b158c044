/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_TAP_H
#define SOCKUTIL_STREAM_LAYER_TAP_H
/*
 * --record and --hex: what passes is also written to a file. One tap, shared by all connections
 * of a process, has the open files; one layer a connection. Above TLS it sees plaintext. A tap
 * that cannot write fails the connection (FAILURE_OUTPUT): a recording with holes would be a
 * silent loss.
 *
 * A file whose name ends in .jsonl gets one JSON object for each piece,
 *   {"time":…,"connection":N,"direction":"sent"|"received","offset":…,"text":…}
 * with "data_base64" for bytes that are not UTF-8; any other is pcapng.
 */
#include <sockutil/net/address.h>
#include <sockutil/stream/stream.h>

struct tap;

/* record, hex: file names or NULL; hex may be "-" (standard error). Existing files are replaced.
 * FAILURE_OUTPUT. */
struct tap *tap_open(const char *record, const char *hex, struct failure *why);
/* Writes out what is buffered; FAILURE_OUTPUT when that or close fails. Frees. NULL is fine. */
bool tap_close(struct tap *tap, struct failure *why);

/* client: we dialled. local and peer may be NULL. */
struct stream *layer_tap_new(struct stream *below, struct tap *tap, bool client,
			     const struct address *local, const struct address *peer);
#endif
