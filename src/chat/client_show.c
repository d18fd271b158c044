/* SPDX-License-Identifier: MIT */
/* src/chat/client_show.c - what a client shows to people, and with what around it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <sockutil/chat/clean.h>
#include <sockutil/chat/client_parts.h>

enum { SENTENCE_MAX = 8192, CLOCK_MAX = 16 };

#define DIM   "\033[2m"
#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

static bool add_text(struct buffer *out, const char *text)
{
	return buffer_add(out, text, strlen(text));
}

/* "21:59 ", local time. */
static bool add_clock(struct buffer *out, int64_t time_ms, bool colors)
{
	const time_t when = time_ms > 0 ? (time_t)(time_ms / 1000) : time(NULL);
	char text[CLOCK_MAX];
	struct tm local;

	/* A host may say any time, even one that has no date. */
	if (!localtime_r(&when, &local) || !strftime(text, sizeof text, "%H:%M ", &local))
		return add_text(out, "--:-- ");
	return (!colors || add_text(out, DIM)) && add_text(out, text) &&
	       (!colors || add_text(out, PLAIN));
}

/* Who speaks in bold; everything that is not speech dim. */
static bool add_colored(struct buffer *out, const char *text, size_t length, struct chat_slice nick)
{
	const size_t at = length > 0 && text[0] == '~' ? 2 : 1;
	const bool speech = nick.length > 0 && length >= at + nick.length &&
			    memcmp(text + at, nick.bytes, nick.length) == 0;

	if (!speech)
		return add_text(out, text[0] == '*' ? DIM : "") && buffer_add(out, text, length) &&
		       add_text(out, text[0] == '*' ? PLAIN : "");
	return buffer_add(out, text, at) && add_text(out, BOLD) &&
	       buffer_add(out, text + at, nick.length) && add_text(out, PLAIN) &&
	       buffer_add(out, text + at + nick.length, length - at - nick.length);
}

static void put(struct chat_client *c, const char *text, size_t length, struct chat_slice nick,
		int64_t time_ms)
{
	struct buffer line = { 0 };

	if (!chat_screen_edits(c->screen))
		chat_screen_show(c->screen, text, length);
	else if (add_clock(&line, time_ms, c->colors) &&
		 (c->colors ? add_colored(&line, text, length, nick)
			    : buffer_add(&line, text, length)))
		chat_screen_show(c->screen, buffer_bytes(&line), line.length);
	buffer_free(&line);
}

void chat_client_put(struct chat_client *c, const char *text, size_t length)
{
	put(c, text, length, chat_slice_of(NULL), 0);
}

void chat_client_show(struct chat_client *c, const struct chat_event *event)
{
	const bool speech = event->kind == CHAT_MESSAGE || event->kind == CHAT_ACTION ||
			    event->kind == CHAT_PRIVATE;
	const struct chat_slice nobody = chat_slice_of(NULL);
	struct buffer text = { 0 };

	if (!chat_event_show(&text, event, c->nick))
		chat_client_break(c, FAILURE_OTHER, "memory is short");
	else if (text.length > 0)
		put(c, buffer_bytes(&text), text.length, speech ? event->nick : nobody,
		    event->time_ms);
	buffer_free(&text);
	if (c->record)
		chat_record_add(c->record, event, c->nick);
}

void chat_client_tell(struct chat_client *c, const char *format, ...)
{
	char text[SENTENCE_MAX];
	struct buffer clean = { 0 };
	va_list arguments;

	va_start(arguments, format);
	if (vsnprintf(text, sizeof text, format, arguments) < 0)
		text[0] = '\0';
	va_end(arguments);
	if (add_text(&clean, "* ") && chat_clean(&clean, text, strlen(text)))
		chat_client_put(c, buffer_bytes(&clean), clean.length);
	buffer_free(&clean);
}

/* Whether a byte may be part of a nick, as far as bytes tell. */
static bool is_name_byte(char byte)
{
	const unsigned char b = (unsigned char)byte;

	return (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') ||
	       b == '_' || b == '-' || b >= 0x80;
}

bool chat_client_names_us(struct chat_slice text, const char *nick)
{
	const size_t length = strlen(nick);

	for (size_t at = 0; length > 0 && at + length <= text.length; at++) {
		const size_t end = at + length;

		if (strncasecmp(text.bytes + at, nick, length) == 0 &&
		    (at == 0 || !is_name_byte(text.bytes[at - 1])) &&
		    (end == text.length || !is_name_byte(text.bytes[end])))
			return true;
	}
	return false;
}
