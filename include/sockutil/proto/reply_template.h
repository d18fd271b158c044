/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_REPLY_TEMPLATE_H
#define SOCKUTIL_PROTO_REPLY_TEMPLATE_H
/*
 * The text of serve --reply: {message} {reversed} {time} {peer} {local} {count}; "{{" and "}}" are
 * braces. Compiled once, expanded for each message; pure (the time is passed in).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>

struct reply_template;

struct reply_values {
	const char *message;
	size_t message_length;
	const char *time; /* as clock_ctime() gives it */
	const char *peer;
	const char *local;
	uint64_t count; /* messages of this peer so far, this one included */
};

/* NULL and FAILURE_USAGE when a name is unknown (the message names the nearest) or a brace is open.
 */
struct reply_template *reply_template_compile(const char *text, struct failure *why);
/* Appends to out; false when memory is short. */
bool reply_template_expand(const struct reply_template *t, const struct reply_values *values,
			   struct buffer *out);
void reply_template_free(struct reply_template *t);
#endif
