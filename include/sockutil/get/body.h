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

/* --data pieces joined by '&': TEXT, or @FILE with its bytes ("@-" is stdin). Newlines are kept.
 * FAILURE_INPUT. */
struct get_body *get_body_data(const char *const *pieces, size_t count, struct failure *why);
/* The same bytes as text for a query (-G). */
bool get_body_query(struct buffer *out, const char *const *pieces, size_t count,
		    struct failure *why);
/* --data-json TEXT or @FILE: must be well-formed UTF-8, is not parsed further. */
struct get_body *get_body_json(const char *text, struct failure *why);
/* --form parts, multipart/form-data (RFC 7578): NAME=TEXT, NAME=@FILE[;type=T][;filename=N] (a file
 * upload), NAME=<FILE (a file's text). File sizes are taken now, bytes when sent: a file that has
 * changed size meanwhile is FAILURE_INPUT. FAILURE_USAGE for a malformed part. */
struct get_body *get_body_form(const char *const *parts, size_t count, struct failure *why);
/* --upload FILE, "-": stdin. A regular file has a length and goes by sendfile; anything else is
 * chunked and can be sent once only. */
struct get_body *get_body_upload(const char *file, struct failure *why);
void get_body_free(struct get_body *body); /* NULL is fine */

/* "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=…"; NULL:
 * none (upload). */
const char *get_body_type(const struct get_body *body);
/* Bytes; -1: not known. */
int64_t get_body_length(const struct get_body *body);
/* It can be opened again. */
bool get_body_repeatable(const struct get_body *body);
/* A stream of all its bytes, for the caller to free. FAILURE_INPUT. */
struct stream *get_body_open(struct get_body *body, struct failure *why);
#endif
