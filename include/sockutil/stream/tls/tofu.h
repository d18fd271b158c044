/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_TOFU_H
#define SOCKUTIL_STREAM_TLS_TOFU_H
/*
 * Trust on first use: a file of lines "HOST:PORT sha256//…" (IPv6 in brackets, names in lower
 * case without a final dot). Blank lines and lines that start with '#' are comments. Several
 * lines for one peer: each of the keys is known. The file is made 0600 on first use, read and
 * appended under a lock (fcntl(2)), so that several programs can share it.
 */
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/stream/tls/pin.h>

enum tofu_answer {
	TOFU_UNKNOWN, /* no line for this peer, or no file yet */
	TOFU_KNOWN,   /* this key */
	TOFU_DIFFERS, /* other keys only; FAILURE_PIN names file, line and both keys */
	TOFU_FAILED,  /* FAILURE_INPUT */
};

enum tofu_answer tofu_ask(const char *file, const char *host, const char *port, const char *pin,
			  struct failure *why);

/* Adds the key, unless another program did so meanwhile. TOFU_KNOWN: it is in the file now.
 * TOFU_DIFFERS: another program added another key. TOFU_FAILED: FAILURE_OUTPUT. */
enum tofu_answer tofu_add(const char *file, const char *host, const char *port, const char *pin,
			  struct failure *why);
#endif
