/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_STARTTLS_PARTS_H
#define SOCKUTIL_PROTO_STARTTLS_PARTS_H
/* starttls.c's own: the protocols that are not made of lines. Each as starttls_step(). */
#include <sockutil/proto/starttls.h>

enum io starttls_xmpp(struct starttls *s, const char *bytes, size_t length, struct buffer *out,
		      struct failure *why);
enum io starttls_ldap(struct starttls *s, const char *bytes, size_t length, struct buffer *out,
		      struct failure *why);
enum io starttls_postgres(struct starttls *s, const char *bytes, size_t length, struct buffer *out,
			  struct failure *why);
enum io starttls_mysql(struct starttls *s, const char *bytes, size_t length, struct buffer *out,
		       struct failure *why);

/* Adds length bytes to out; FAILURE_OTHER. */
enum io starttls_say(struct buffer *out, const void *bytes, size_t length, struct failure *why);
/* The server does not offer TLS. */
enum io starttls_stripped(const struct starttls *s, struct failure *why);
#endif
