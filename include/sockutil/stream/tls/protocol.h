/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_PROTOCOL_H
#define SOCKUTIL_STREAM_TLS_PROTOCOL_H
/* --tls-min, --tls-max, --ciphers and --groups. */
#include <stdbool.h>

#include <sockutil/base/failure.h>

struct tls_context;

/* TLS 1.2 and security level 2 (112 bits) unless said. FAILURE_USAGE names the value; an unknown
 * cipher among known ones is one too. */
bool protocol_use(struct tls_context *context, struct failure *why);
#endif
