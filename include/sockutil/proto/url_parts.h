/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_URL_PARTS_H
#define SOCKUTIL_PROTO_URL_PARTS_H
/*
 * What url.c is made of: authority, host and target. Each fills its members of a zeroed struct url
 * from bytes that need no NUL and have no control character, blank or backslash. On failure
 * why->text is the reason alone: url.c puts the URL in front.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/url.h>

/* Fills *why with FAILURE_URL and returns false. */
bool url_refuse(struct failure *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "user:password@host:port"; https is set before and chooses the default port. */
bool url_set_authority(struct url *out, const char *text, size_t length, struct failure *why);
/* 80 or 443. */
int url_default_port(const struct url *url);

/* A name or a dotted quad. */
bool url_set_host(struct url *out, const char *text, size_t length, struct failure *why);
/* What stood in brackets. */
bool url_set_literal(struct url *out, const char *text, size_t length, struct failure *why);

/* Path and query of a reference without scheme and authority, and without a fragment. base: whose
 * target it is relative to (RFC 3986, 5.2.2), NULL for "/". */
bool url_set_target(struct url *out, const struct url *base, const char *text, size_t length,
		    struct failure *why);

/* Decodes %XX into out, without a NUL behind; NULs may come out. A percent sign without two
 * hexadecimal digits stays when loose, otherwise it is an error. False for that, *decoded <= size
 * then; false when more than size bytes come out, *decoded is size + 1 then. */
bool url_decode(char *out, size_t size, size_t *decoded, const char *text, size_t length,
		bool loose);
#endif
