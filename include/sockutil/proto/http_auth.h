/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_AUTH_H
#define SOCKUTIL_PROTO_HTTP_AUTH_H
/* Challenges and answers: Basic (RFC 7617) and Digest (RFC 7616, and 2069 servers). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/proto/http_head.h>

enum http_auth_scheme { HTTP_AUTH_NONE, HTTP_AUTH_BASIC, HTTP_AUTH_DIGEST };

enum { HTTP_AUTH_TEXT_MAX = 512 };

/* What a server asks for: the strongest of its challenges that we know. */
struct http_challenge {
	enum http_auth_scheme scheme;
	char realm[HTTP_AUTH_TEXT_MAX];
	char nonce[HTTP_AUTH_TEXT_MAX], opaque[HTTP_AUTH_TEXT_MAX];
	const char *algorithm; /* "MD5", "SHA-256"; static; NULL unless scheme is Digest */
	bool algorithm_given;  /* the server named it: the answer names it too */
	bool session;          /* "-sess" */
	bool qop_auth;         /* qop=auth is offered; without it RFC 2069 */
	bool userhash, stale, utf8;
};

/*
 * All fields called name ("WWW-Authenticate") of head. Digest SHA-256 goes before Digest MD5 before
 * Basic, the first of equals before others. A Digest challenge is passed over when it is malformed,
 * has no realm or nonce, a text of HTTP_AUTH_TEXT_MAX bytes or more, a parameter twice, an unknown
 * algorithm, qop=auth-int alone, or a "-sess" algorithm without qop (nobody could answer it). Basic
 * needs no readable realm. scheme is HTTP_AUTH_NONE when nothing is left.
 */
void http_challenge_choose(struct http_challenge *out, const struct http_head *head,
			   const char *name);

struct http_credentials {
	const char *user, *password; /* no control characters: http_value_valid() of each */
};

/* "Basic …" appended, in the bytes that were given. False when memory is short. A colon in user is
 * the caller's error. */
bool http_auth_basic(struct buffer *out, const struct http_credentials *who);

/* "Digest …" appended. count is nc (from 1 up for a nonce), cnonce at least 16 random characters,
 * target as in the request line. A user beyond ASCII goes as username* (RFC 8187) where the server
 * asks for UTF-8, else in the bytes that were given. False when memory is short. */
bool http_auth_digest(struct buffer *out, const struct http_challenge *challenge,
		      const struct http_credentials *who, const char *method, const char *target,
		      const char *cnonce, uint32_t count);
#endif
