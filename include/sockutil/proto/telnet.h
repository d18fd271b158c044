/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_TELNET_H
#define SOCKUTIL_PROTO_TELNET_H
/*
 * The commands of TELNET (RFC 854, RFC 855) taken out of a stream of bytes, and answered: every
 * option is refused, once each time it is asked for (DO gets WONT, WILL gets DONT; WONT and DONT
 * get nothing, so no loop can start). Pure.
 */
#include <stdbool.h>
#include <stddef.h>

enum { TELNET_IAC = 255 };

/* Where the last piece ended; zeroed at the start. */
struct telnet {
	enum {
		TELNET_DATA,
		TELNET_RETURN, /* behind a CR: a NUL there is no data */
		TELNET_COMMAND,
		TELNET_OPTION,
		TELNET_SUBOPTION,
		TELNET_SUBOPTION_COMMAND,
	} state;
	unsigned char verb; /* WILL, WONT, DO, DONT of TELNET_OPTION */
};

/* length bytes of the peer become *kept bytes of data in place. replies has room for length + 2
 * bytes; returns how many of them are to be sent. */
size_t telnet_receive(struct telnet *t, char *bytes, size_t length, size_t *kept, char *replies);

/* Data on its way out: IAC is doubled. out has room for 2 * length bytes; returns how many. */
size_t telnet_escape(char *out, const char *bytes, size_t length);
#endif
