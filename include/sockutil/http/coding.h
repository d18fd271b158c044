/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_HTTP_CODING_H
#define SOCKUTIL_HTTP_CODING_H
/*
 * Content codings (RFC 9110, 8.4.1): gzip, deflate (zlib, or bare as some servers send it), br,
 * zstd. Each by its own library, loaded on first use. One coding at a time: stacked ones are
 * refused, a bomb of bombs is nobody's page.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/stream/stream.h>

/* For Accept-Encoding: those whose libraries are here, "gzip, deflate, br, zstd"; "" when none is.
 * Loads them. */
const char *coding_accepted(void);

/* A stream that gives the decoded bytes of below, which it does not own: reading goes through, the
 * write side does not exist. value: Content-Encoding; "identity" gives *out NULL and true. Read
 * failures: FAILURE_ENCODING for bytes that are no such coding, or trailing bytes behind its end;
 * FAILURE_TRUNCATED when the source ends in order before the coding does (a source without any byte
 * is an empty body: some servers say so of theirs). What was decoded before is given first. IO_END
 * only after below said it. IO_AGAIN comes as below says it, and now and then between two reads of
 * below when megabytes decode to nothing: wait for below then as well. FAILURE_ENCODING also for a
 * coding that is not known, or whose library is not installed. Memory: one 64 KiB block and what
 * the library takes (zstd windows up to 8 MiB, larger ones are FAILURE_ENCODING). */
bool coding_open(struct stream **out, struct stream *below, const char *value, size_t length,
		 struct failure *why);
#endif
