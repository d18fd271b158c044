/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_KEYLOG_H
#define SOCKUTIL_STREAM_TLS_KEYLOG_H
/* --keylog and SSLKEYLOGFILE: the secrets of each connection in the NSS key log format, for
 * Wireshark. */
#include <stdbool.h>

#include <sockutil/base/failure.h>

struct tls_context;

/* Appends to the file, made 0600, one write(2) a line. FAILURE_OUTPUT when --keylog cannot be
 * opened; an unusable SSLKEYLOGFILE is a warning. */
bool keylog_use(struct tls_context *context, struct failure *why);
void keylog_close(struct tls_context *context);
#endif
