/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_HOST_TELNET_H
#define SOCKUTIL_CHAT_HOST_TELNET_H
/*
 * Commands of TELNET (RFC 854) among a member's bytes: telnet(1) sends some at Ctrl-C, and shows
 * nothing more until one of them is answered. Each option is refused. No UTF-8 holds the byte they
 * begin with. Pure.
 *
 * Strict, so that broken text stays text that others see: two bytes from NOP (241) to GA (249), or
 * three from WILL (251) to DONT (254) where the third ends no line; nothing else is a command. No
 * suboptions, which only follow what was agreed on.
 */
#include <stddef.h>

enum {
	CHAT_HOST_TELNET_BEGUN = 2,    /* bytes of a command that may wait for the rest */
	CHAT_HOST_TELNET_REPLIES = 24, /* bytes; who asks for more options at once gets no answer */
};

/* Zeroed is valid. Invariant: length <= CHAT_HOST_TELNET_BEGUN. */
struct chat_host_telnet {
	unsigned char begun[CHAT_HOST_TELNET_BEGUN];
	unsigned char length;
};

/*
 * Takes commands out of length bytes, in front of which is room for CHAT_HOST_TELNET_BEGUN more;
 * *bytes is moved to the first that is kept. Returns how many are kept. *replied: bytes of replies
 * that are to be sent.
 */
size_t chat_host_telnet(struct chat_host_telnet *telnet, char **bytes, size_t length,
			char replies[static CHAT_HOST_TELNET_REPLIES], size_t *replied);
#endif
