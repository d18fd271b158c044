/* SPDX-License-Identifier: MIT */
/* Commands of TELNET among a member's bytes. */
#include <stdbool.h>
#include <string.h>

#include <sockutil/chat/host_telnet.h>

enum { NOP = 241, GO_AHEAD = 249, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };

/* Bytes of the command at the start; 0: it is none. *whole: all of it is there. */
static size_t command_length(const unsigned char *bytes, size_t length, bool *whole)
{
	size_t wanted = 0;

	if (length < 2) {
		*whole = false;
		return 1;
	}
	if (bytes[1] >= NOP && bytes[1] <= GO_AHEAD)
		wanted = 2;
	else if (bytes[1] >= WILL && bytes[1] <= DONT)
		wanted = length > 2 && bytes[2] == '\n' ? 0 : 3;
	*whole = length >= wanted;
	return wanted;
}

static void refuse(const unsigned char *command, char *replies, size_t *replied)
{
	if ((command[1] != WILL && command[1] != DO) || *replied + 3 > CHAT_HOST_TELNET_REPLIES)
		return;
	replies[(*replied)++] = (char)IAC;
	replies[(*replied)++] = (char)(command[1] == DO ? WONT : DONT);
	replies[(*replied)++] = (char)command[2];
}

/* All that is behind the first IAC, which may be long before the end. */
static size_t without_commands(struct chat_host_telnet *t, unsigned char *bytes, size_t length,
			       char *replies, size_t *replied)
{
	size_t kept = 0, at = 0;

	while (at < length) {
		bool whole = true;
		const size_t taken =
			bytes[at] == IAC ? command_length(bytes + at, length - at, &whole) : 0;

		if (!whole) {
			t->length = (unsigned char)(length - at);
			memcpy(t->begun, bytes + at, length - at);
			break;
		}
		if (taken == 3)
			refuse(bytes + at, replies, replied);
		if (taken == 0)
			bytes[kept++] = bytes[at];
		at += taken ? taken : 1;
	}
	return kept;
}

size_t chat_host_telnet(struct chat_host_telnet *t, char **bytes, size_t length,
			char replies[static CHAT_HOST_TELNET_REPLIES], size_t *replied)
{
	*replied = 0;
	*bytes -= t->length;
	length += t->length;
	memcpy(*bytes, t->begun, t->length);
	t->length = 0;
	if (!memchr(*bytes, IAC, length))
		return length;
	return without_commands(t, (unsigned char *)*bytes, length, replies, replied);
}
