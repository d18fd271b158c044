/* SPDX-License-Identifier: MIT */
/* reply_template.c - the text of an answer, with places for what is known of the message. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/nearest.h>
#include <sockutil/base/utf8.h>
#include <sockutil/proto/reply_template.h>

enum part_kind {
	PART_MESSAGE,
	PART_REVERSED,
	PART_TIME,
	PART_PEER,
	PART_LOCAL,
	PART_COUNT,
	PART_NAMES, /* how many have a name */
	PART_LITERAL = PART_NAMES,
};

static const char *const names[PART_NAMES] = {
	[PART_MESSAGE] = "message", [PART_REVERSED] = "reversed", [PART_TIME] = "time",
	[PART_PEER] = "peer",       [PART_LOCAL] = "local",       [PART_COUNT] = "count",
};

struct part {
	enum part_kind kind;
	size_t start; /* of a literal, in literals */
	size_t length;
};

/* Invariant: no two literals stand side by side, and none is empty. */
struct reply_template {
	struct part *parts;
	size_t count;
	char *literals; /* braces already undone; not NUL-terminated */
	size_t literals_length;
};

static bool ends_in_literal(const struct reply_template *t)
{
	return t->count && t->parts[t->count - 1].kind == PART_LITERAL;
}

static void add_literal(struct reply_template *t, const char *text, size_t length)
{
	if (!ends_in_literal(t))
		t->parts[t->count++] = (struct part){
			.kind = PART_LITERAL,
			.start = t->literals_length,
		};
	memcpy(t->literals + t->literals_length, text, length);
	t->literals_length += length;
	t->parts[t->count - 1].length += length;
}

static enum io unknown(const char *name, struct failure *why)
{
	const char *nearest = nearest_name(name, names, PART_NAMES);

	if (nearest)
		return fail(why, FAILURE_USAGE,
			    "unknown name {%s} in the reply; did you mean {%s}?", name, nearest);
	return fail(why, FAILURE_USAGE,
		    "unknown name {%s} in the reply; there are {message} {reversed} {time} {peer} "
		    "{local} {count}, and {{ for a brace",
		    name);
}

/* text stands behind the opening brace; *end is set behind the closing one. */
static enum io add_place(struct reply_template *t, const char *text, const char **end,
			 struct failure *why)
{
	size_t length = strcspn(text, "{}");
	char name[64];

	if (text[length] != '}')
		return fail(why, FAILURE_USAGE,
			    "open brace in the reply: {%.*s; {{ is a brace itself",
			    (int)utf8_cut(text, strlen(text), 40), text);
	*end = text + length + 1;
	for (int kind = 0; kind < PART_NAMES; kind++) {
		if (strlen(names[kind]) != length || memcmp(names[kind], text, length))
			continue;
		t->parts[t->count++] = (struct part){ .kind = (enum part_kind)kind };
		return IO_DONE;
	}
	if (length >= sizeof name)
		length = utf8_cut(text, length, sizeof name - 1);
	memcpy(name, text, length);
	name[length] = '\0';
	return unknown(name, why);
}

static enum io compile(struct reply_template *t, const char *text, struct failure *why)
{
	while (*text) {
		size_t plain = strcspn(text, "{}");

		if (plain) {
			add_literal(t, text, plain);
			text += plain;
		} else if (text[1] == text[0]) {
			add_literal(t, text, 1);
			text += 2;
		} else if (*text == '}') {
			return fail(why, FAILURE_USAGE,
				    "closing brace without an opening one in the "
				    "reply; }} is a "
				    "brace itself");
		} else if (add_place(t, text + 1, &text, why) != IO_DONE) {
			return IO_FAILED;
		}
	}
	return IO_DONE;
}

struct reply_template *reply_template_compile(const char *text, struct failure *why)
{
	struct reply_template *t = memory_zeroed(1, sizeof *t);

	/* Each part takes at least one byte of the text. */
	t->parts = memory_zeroed(strlen(text), sizeof *t->parts);
	t->literals = memory_zeroed(strlen(text), 1);
	if (compile(t, text, why) != IO_DONE) {
		reply_template_free(t);
		return NULL;
	}
	return t;
}

static bool add_text(struct buffer *out, const char *text)
{
	return buffer_add(out, text, strlen(text));
}

static bool add_reversed(struct buffer *out, const char *bytes, size_t length)
{
	if (!buffer_add(out, bytes, length))
		return false;
	if (length)
		utf8_reverse(buffer_bytes(out) + out->length - length, length);
	return true;
}

static bool add_part(const struct reply_template *t, const struct part *part,
		     const struct reply_values *values, struct buffer *out)
{
	switch (part->kind) {
	case PART_MESSAGE:
		return buffer_add(out, values->message, values->message_length);
	case PART_REVERSED:
		return add_reversed(out, values->message, values->message_length);
	case PART_TIME:
		return add_text(out, values->time);
	case PART_PEER:
		return add_text(out, values->peer);
	case PART_LOCAL:
		return add_text(out, values->local);
	case PART_COUNT:
		return buffer_format(out, "%" PRIu64, values->count);
	case PART_LITERAL:
		break;
	}
	return buffer_add(out, t->literals + part->start, part->length);
}

bool reply_template_expand(const struct reply_template *t, const struct reply_values *values,
			   struct buffer *out)
{
	size_t before = out->length;

	for (size_t i = 0; i < t->count; i++) {
		if (add_part(t, &t->parts[i], values, out))
			continue;
		out->length = before; /* half an answer is none */
		return false;
	}
	return true;
}

void reply_template_free(struct reply_template *t)
{
	if (!t)
		return;
	free(t->parts);
	free(t->literals);
	free(t);
}
