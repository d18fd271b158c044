/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_FILE_NAME_H
#define SOCKUTIL_PROTO_FILE_NAME_H
/* Names from the network as names of files in one folder. */
#include <stdbool.h>
#include <stddef.h>

enum { FILE_NAME_MAX = 256 }; /* 255 bytes and the NUL */

/*
 * The part behind the last slash or backslash of name, in out. False when nothing safe is left: "",
 * ".", "..", a leading dot, "-" (which means stdout), a control character, a separator of lines or
 * paragraphs, invalid UTF-8, a bidi mark, override or isolate, more than 255 bytes.
 */
bool file_name_from_network(const char *name, char out[static FILE_NAME_MAX]);
#endif
