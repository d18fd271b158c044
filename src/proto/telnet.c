/* SPDX-License-Identifier: MIT */
/* telnet.c - takes TELNET's commands out of what comes. */
#include <sockutil/proto/telnet.h>

enum { SE = 240, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254 };

/* Three bytes, for an asked option that took three. */
static size_t refuse(char *reply, unsigned char verb, unsigned char option)
{
	if (verb != WILL && verb != DO)
		return 0;
	reply[0] = (char)TELNET_IAC;
	reply[1] = (char)(verb == DO ? WONT : DONT);
	reply[2] = (char)option;
	return 3;
}

static void command(struct telnet *t, unsigned char byte)
{
	t->verb = byte;
	t->state = byte == SB     ? TELNET_SUBOPTION
		   : byte >= WILL ? TELNET_OPTION
				  : TELNET_DATA; /* NOP, GA, AYT … have no answer here */
}

/* True when the byte is data. */
static bool step(struct telnet *t, unsigned char byte, char *replies, size_t *replied)
{
	switch (t->state) {
	case TELNET_RETURN:
		if (byte == '\0') {
			t->state = TELNET_DATA;
			return false;
		}
		/* fall through */
	case TELNET_DATA:
		t->state = byte == TELNET_IAC ? TELNET_COMMAND
			   : byte == '\r'     ? TELNET_RETURN
					      : TELNET_DATA;
		return byte != TELNET_IAC;
	case TELNET_COMMAND:
		if (byte == TELNET_IAC) {
			t->state = TELNET_DATA;
			return true;
		}
		command(t, byte);
		return false;
	case TELNET_OPTION:
		*replied += refuse(replies + *replied, t->verb, byte);
		t->state = TELNET_DATA;
		return false;
	case TELNET_SUBOPTION:
		if (byte == TELNET_IAC)
			t->state = TELNET_SUBOPTION_COMMAND;
		return false;
	case TELNET_SUBOPTION_COMMAND:
		t->state = byte == SE ? TELNET_DATA : TELNET_SUBOPTION;
		return false;
	}
	return false;
}

size_t telnet_receive(struct telnet *t, char *bytes, size_t length, size_t *kept, char *replies)
{
	size_t replied = 0;

	*kept = 0;
	for (size_t i = 0; i < length; ++i)
		if (step(t, (unsigned char)bytes[i], replies, &replied))
			bytes[(*kept)++] = bytes[i];
	return replied;
}

size_t telnet_escape(char *out, const char *bytes, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length; ++i) {
		out[used++] = bytes[i];
		if ((unsigned char)bytes[i] == TELNET_IAC)
			out[used++] = (char)TELNET_IAC;
	}
	return used;
}
