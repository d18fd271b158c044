/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_EVENT_H
#define SOCKUTIL_CHAT_EVENT_H
/*
 * Something that a member is told. The host makes events and writes them, as a richer client's line
 * or as the sentence a plain member reads; that client parses the line and shows the same sentence.
 * Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>

enum chat_kind {
#define KIND(name, word, fields) CHAT_##name,
#include <sockutil/chat/kinds.def>
#undef KIND
	CHAT_KINDS
};

/* Borrowed bytes; not NUL-terminated. */
struct chat_slice {
	const char *bytes;
	size_t length;
};

struct chat_event {
	enum chat_kind kind;
	uint64_t id;     /* of a message: grows by one with each; 0: none */
	int64_t time_ms; /* since 1970, UTC */
	uint64_t number; /* of a file's offer; of MEMBERS how many there are */
	uint64_t size;   /* bytes */
	/* empty: none. Of WELCOME other is the epoch and word the token; of BYE word
	 * is "quit", "end" or "out". */
	struct chat_slice room, nick, other, word, text;
};

struct chat_slice chat_slice_of(const char *text); /* of a string; NULL: empty */
bool chat_slice_is(struct chat_slice slice, const char *text);
/* What may stand where a line has a nick, a room or another word: UTF-8 without blanks and
 * controls, at least one character. */
bool chat_slice_is_word(struct chat_slice slice);

/* One line of a richer client, without its end. False (*out is as it was): a word that is not
 * known, or fields that are missing or malformed (numbers above INT64_MAX, words that are none, a
 * blank too many); further fields are ignored. Texts are as they came: to be cleaned (chat/clean.h)
 * before they are shown. */
bool chat_event_parse(struct chat_event *out, const char *line, size_t length);

/* That line, with its LF. Whatever the event holds it is one line that chat_event_parse takes:
 * controls in a text, and what no word can hold in a word, are written as \xNN, numbers above
 * INT64_MAX as that. False when memory is short (nothing was added). */
bool chat_event_write(struct buffer *out, const struct chat_event *event);

/* The sentence without an end of line: "<bob> hello", "* bob joined", "[bob] psst". to: the nick
 * of who reads it, so that its own private messages read "[to carol] psst"; NULL: nobody's. OFFERED
 * is told as the receiver reads it. Nothing is added for what says nothing to people (ping, data,
 * take, taken, done, kept, dropped). Controls other than a tab come out as \xNN, so it is one line
 * whatever the event holds. False when memory is short (nothing was added). */
bool chat_event_show(struct buffer *out, const struct chat_event *event, const char *to);
#endif
