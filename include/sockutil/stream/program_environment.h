/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_PROGRAM_ENVIRONMENT_H
#define SOCKUTIL_STREAM_PROGRAM_ENVIRONMENT_H
/*
 * What a program is told about its connection: the variables of UCSPI (PROTO, TCPREMOTEIP, ...;
 * http://cr.yp.to/proto/ucspi.txt, and ucspi-unix for Unix-domain sockets) and SOCKUTIL_*. Those
 * that we inherited ourselves are left out: they speak of somebody else's connection. What a peer
 * chose itself (names in certificates, its socket's path) is told only when it is plain text that
 * no shell would take for anything else.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/net/address.h>
#include <sockutil/net/credentials.h>
#include <sockutil/stream/tls.h>

struct program_facts {
	const struct address *peer, *local;
	const struct credentials *credentials; /* of the peer, NULL: not known */
	const struct tls_info *tls;            /* NULL: no TLS */
};

enum { PROGRAM_VARIABLES = 24, PROGRAM_TEXT_MAX = 4096 };

/* Ours first, then the connection's; list ends with NULL. */
struct program_environment {
	const char **list;
	size_t inherited;
	size_t used; /* of text */
	char text[PROGRAM_TEXT_MAX];
};

/* Room for both, with what of ours (ends with NULL) is passed on; those strings are borrowed. */
void program_environment_init(struct program_environment *environment, char *const *ours);
/* Replaces the connection's part. What does not fit is left out. */
void program_environment_set(struct program_environment *environment,
			     const struct program_facts *facts);
void program_environment_free(struct program_environment *environment);

/* Printable, valid UTF-8, without what means something to a shell. */
bool program_environment_harmless(const char *value);
#endif
