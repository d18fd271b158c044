/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_CONTENT_DISPOSITION_H
#define SOCKUTIL_PROTO_CONTENT_DISPOSITION_H
/* The file name a server proposes (RFC 6266; filename* by RFC 8187, UTF-8 and ISO-8859-1). */
#include <stdbool.h>
#include <stddef.h>

/* filename* goes before filename, unless it cannot be decoded, is not UTF-8 after all, or does not
 * fit. The name as it was sent, decoded, not judged: it may hold slashes, dots, anything but NUL,
 * and is not empty. A value without quotes may have what a token cannot ("report(1).pdf") but
 * blanks, quotes, backslashes, commas and equals signs. False, out is not to be used then: none,
 * malformed anywhere, two of them, or longer than size - 1. */
bool content_disposition_name(const char *value, size_t length, char *out, size_t size);
#endif
