/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_REPLY_H
#define SOCKUTIL_SERVE_REPLY_H
/* --reply: each message of a client is answered from a template. */
#include <stdint.h>

#include <sockutil/proto/framing.h>
#include <sockutil/serve/handler.h>

struct reply_options {
	const char *reply;  /* template, proto/reply_template.h */
	const char *banner; /* sent first; NULL: none */
	const char
		*quit; /* a message that is this word ends the connection unanswered; NULL: none */
	int64_t delay_ms; /* before each answer; nothing is read meanwhile */
	enum framing framing;
	uint64_t max_message; /* bytes */
};

/* Its prepare takes a struct reply_options. */
extern const struct handler reply_handler;
#endif
