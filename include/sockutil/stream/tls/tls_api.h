/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_TLS_API_H
#define SOCKUTIL_STREAM_TLS_TLS_API_H
/* The one symbol that this room shows to the program, linked in or looked up in the module. */
#include <sockutil/stream/tls.h>

extern const struct tls_api sockutil_tls_api __attribute__((visibility("default")));
#endif
