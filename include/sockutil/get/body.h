/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_BODY_H
#define SOCKUTIL_GET_BODY_H
/*
 * What a request sends: -d, --data-json, -F, -T. Made once, opened anew for every try and hop that
 * sends it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>
#include <sockutil/stream/stream.h>

struct get_body;

/* What is read into memory (standard input, a FIFO, --data-json) has at most so many bytes;
 * --upload sends more as it comes. */
enum { GET_BODY_READ_MAX = 64 << 20 };

/* --data pieces joined by '&': TEXT, or @FILE with its bytes ("@-" is stdin, once). Newlines are
 * kept. Regular files are sent from where they are; their sizes are taken now, and a file that has
 * another one when it is sent is FAILURE_INPUT. Anything else is read now. FAILURE_INPUT;
 * FAILURE_USAGE for a second "@-". Texts are copied. */
struct get_body *get_body_data(const char *const *pieces, size_t count, struct failure *why);
/* The same as text for a query (-G), added to out: what cannot stand in one (controls, blanks, '#',
 * what is not ASCII …) is percent-encoded, percent signs are left as they are. */
bool get_body_query(struct buffer *out, const char *const *pieces, size_t count,
		    struct failure *why);
/* --data-json TEXT or @FILE: must be well-formed UTF-8, is not parsed further. FAILURE_USAGE for a
 * text that is not, FAILURE_INPUT for a file. */
struct get_body *get_body_json(const char *text, struct failure *why);
/* --form parts, multipart/form-data (RFC 7578): NAME=TEXT, NAME=@FILE[;type=T][;filename=N] (a file
 * upload), NAME=<FILE[;type=T] (a file's text). Files as with --data. Quotes and line ends in names
 * of files are escaped as the WHATWG's HTML standard says. FAILURE_USAGE for a malformed part or a
 * control character in a name or a type. */
struct get_body *get_body_form(const char *const *parts, size_t count, struct failure *why);
/* --upload FILE, "-": stdin. A regular file has a length and goes by sendfile; anything else is
 * chunked and can be sent once only. FAILURE_INPUT. file is copied. */
struct get_body *get_body_upload(const char *file, struct failure *why);
void get_body_free(struct get_body *body); /* NULL is fine */

/* "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=…"; NULL:
 * none (upload). */
const char *get_body_type(const struct get_body *body);
/* Bytes; -1: not known. */
int64_t get_body_length(const struct get_body *body);
/* It can be opened again. */
bool get_body_repeatable(const struct get_body *body);
/* A stream of all its bytes, for the caller to free before the body. FAILURE_INPUT: a file is gone
 * or has changed its size, or the body cannot be opened again. While a regular file is at its turn
 * its descriptor is the stream's raw one; only an upload that is no regular file ever waits. */
struct stream *get_body_open(struct get_body *body, struct failure *why);
#endif
