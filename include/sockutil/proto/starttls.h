/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_STARTTLS_H
#define SOCKUTIL_PROTO_STARTTLS_H
/*
 * How a connection that began in clear asks its server for TLS, in the protocol's own words. Pure:
 * what came goes in, what to send comes out. A server that does not offer TLS (or somebody on the
 * way who took the offer out) is a failure, never a connection in clear; so are bytes behind the
 * server's last word, which somebody could have put there for the time after the handshake.
 *
 *   smtp RFC 3207 · imap RFC 9051 · pop3 RFC 2595 · ftp RFC 4217 · xmpp RFC 6120 · ldap RFC 4511
 *   postgres and mysql: their own protocols' SSL requests · nntp RFC 4642 · sieve RFC 5804
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>

enum starttls_protocol {
	STARTTLS_NONE,
	STARTTLS_SMTP,
	STARTTLS_IMAP,
	STARTTLS_POP3,
	STARTTLS_FTP,
	STARTTLS_XMPP,
	STARTTLS_LDAP,
	STARTTLS_POSTGRES,
	STARTTLS_MYSQL,
	STARTTLS_NNTP,
	STARTTLS_SIEVE,
	STARTTLS_PROTOCOLS,
};

/* "none", "smtp", …; ends with NULL. */
extern const char *const starttls_names[STARTTLS_PROTOCOLS + 1];

/* More than any of these dialogues needs; a server that says more before TLS is FAILURE_SIZE. */
enum { STARTTLS_MAX = 64 * 1024 };

struct starttls {
	enum starttls_protocol protocol;
	const char *host; /* whom xmpp asks for; borrowed */
	unsigned step;
	bool offered; /* the capability was seen */
	size_t used;  /* bytes of the input that are dealt with */
};

void starttls_init(struct starttls *s, enum starttls_protocol protocol, const char *host);

/*
 * bytes: all that has come so far, from the start. Adds to out what is to be sent now; call it once
 * before anything came. IO_AGAIN: more has to come. IO_DONE: once out is sent the handshake begins.
 * IO_FAILED: FAILURE_TLS (not offered, or refused; the server's words are in the text),
 * FAILURE_PROTOCOL (not this protocol, or bytes behind its last word), FAILURE_SIZE, FAILURE_OTHER
 * (no memory).
 */
enum io starttls_step(struct starttls *s, const char *bytes, size_t length, struct buffer *out,
		      struct failure *why);
#endif
