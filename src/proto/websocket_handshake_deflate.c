/* SPDX-License-Identifier: MIT */
/* websocket_handshake_deflate.c - what Sec-WebSocket-Extensions says (RFC 6455, 9.1; RFC 7692). */
#include <string.h>
#include <strings.h>

#include <sockutil/base/number.h>
#include <sockutil/proto/websocket_handshake.h>

#define FIELD "Sec-WebSocket-Extensions"

/* The rest of one extension: "name; parameter; parameter=value". */
struct cursor {
	const char *at, *end;
};

struct word {
	const char *bytes;
	size_t length;
};

static void skip_blanks(struct cursor *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t'))
		c->at++;
}

static bool take(struct cursor *c, char wanted)
{
	skip_blanks(c);
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

static bool take_token(struct cursor *c, struct word *out)
{
	skip_blanks(c);
	out->bytes = c->at;
	while (c->at < c->end && http_token_valid(c->at, 1))
		c->at++;
	out->length = (size_t)(c->at - out->bytes);
	return out->length > 0;
}

/* A quoted value has to be a token once unquoted; nothing that needs a backslash is one. */
static bool take_value(struct cursor *c, struct word *out)
{
	const bool quoted = take(c, '"');

	return take_token(c, out) && (!quoted || (c->at < c->end && *c->at++ == '"'));
}

/* ------ parameters ------ */

enum parameter { SERVER_NO_TAKEOVER, CLIENT_NO_TAKEOVER, SERVER_BITS, CLIENT_BITS, PARAMETERS };

static const char *const parameter_names[PARAMETERS] = {
	[SERVER_NO_TAKEOVER] = "server_no_context_takeover",
	[CLIENT_NO_TAKEOVER] = "client_no_context_takeover",
	[SERVER_BITS] = "server_max_window_bits",
	[CLIENT_BITS] = "client_max_window_bits",
};

/* One extension as it was written. */
struct extension {
	bool deflate;             /* its name is ours */
	bool valid;               /* and every parameter is one of ours, once, with a right value */
	bool given[PARAMETERS];   /* which were there */
	uint8_t bits[PARAMETERS]; /* 0: without a value */
};

static bool word_is(const struct word *word, const char *text)
{
	return word->length == strlen(text) && strncasecmp(word->bytes, text, word->length) == 0;
}

static enum parameter parameter_find(const struct word *name)
{
	unsigned i = 0;

	while (i < PARAMETERS && !word_is(name, parameter_names[i]))
		i++;
	return (enum parameter)i;
}

/* "8" to "15", without a zero in front. */
static uint8_t window_bits(const struct word *value)
{
	uint64_t bits = 0;

	if (value->bytes[0] == '0' ||
	    !number_parse_bytes(value->bytes, value->length, WEBSOCKET_BITS_MAX, &bits) ||
	    bits < WEBSOCKET_BITS_MIN)
		return 0;
	return (uint8_t)bits;
}

static bool parameter_set(struct extension *e, const struct word *name, const struct word *value)
{
	const enum parameter p = parameter_find(name);

	if (p == PARAMETERS || e->given[p])
		return false;
	e->given[p] = true;
	if (!value)
		return p != SERVER_BITS;
	if (p != SERVER_BITS && p != CLIENT_BITS)
		return false;
	e->bits[p] = window_bits(value);
	return e->bits[p] != 0;
}

/* False: malformed. */
static bool extension_parse(struct extension *out, const char *text, size_t length)
{
	struct cursor c = { text, text + length };
	struct word name, value;

	*out = (struct extension){ 0 };
	if (!take_token(&c, &name))
		return false;
	out->deflate = out->valid = word_is(&name, "permessage-deflate");
	while (take(&c, ';')) {
		bool with_value;

		if (!take_token(&c, &name))
			return false;
		with_value = take(&c, '=');
		if (with_value && !take_value(&c, &value))
			return false;
		out->valid = out->valid && parameter_set(out, &name, with_value ? &value : NULL);
	}
	skip_blanks(&c);
	return c.at == c.end;
}

/* Extension after extension over all fields of that name. */
struct walk {
	const struct http_head *head;
	const struct http_field *field;
	size_t cursor;
};

static bool walk_next(struct walk *w, const char **text, size_t *length)
{
	for (;;) {
		if (w->field && http_list_next(w->field->value, w->field->value_length, &w->cursor,
					       text, length))
			return true;
		w->field = http_head_find(w->head, FIELD, w->field);
		w->cursor = 0;
		if (!w->field)
			return false;
	}
}

static uint8_t bits_or_all(uint8_t bits)
{
	return bits ? bits : WEBSOCKET_BITS_MAX;
}

/* ------ a server ------ */

bool websocket_handshake_choose(struct websocket_deflate *out, const struct http_head *head)
{
	struct walk walk = { .head = head };
	struct extension e;
	const char *text;
	size_t length;

	*out = (struct websocket_deflate){ 0 };
	while (walk_next(&walk, &text, &length)) {
		if (!extension_parse(&e, text, length))
			return false;
		if (out->agreed || !e.valid)
			continue;
		/* Without takeover nothing has to be kept for a connection that is silent. */
		*out = (struct websocket_deflate){
			.agreed = true,
			.client_no_takeover = true,
			.server_no_takeover = true,
			.client_bits = WEBSOCKET_BITS_MAX,
			.server_bits = bits_or_all(e.bits[SERVER_BITS]),
		};
	}
	return true;
}

bool websocket_handshake_answer(struct buffer *out, const struct websocket_deflate *deflate)
{
	if (!deflate->agreed)
		return true;
	if (!buffer_format(out, FIELD ": permessage-deflate%s%s",
			   deflate->server_no_takeover ? "; server_no_context_takeover" : "",
			   deflate->client_no_takeover ? "; client_no_context_takeover" : ""))
		return false;
	if (deflate->server_bits < WEBSOCKET_BITS_MAX &&
	    !buffer_format(out, "; server_max_window_bits=%u", (unsigned)deflate->server_bits))
		return false;
	return buffer_add(out, "\r\n", 2);
}

/* ------ a client ------ */

bool websocket_handshake_agreed(struct websocket_deflate *out, const struct http_head *head,
				bool offered, struct failure *why)
{
	struct walk walk = { .head = head };
	struct extension e;
	const char *text;
	size_t length;

	*out = (struct websocket_deflate){ 0 };
	while (walk_next(&walk, &text, &length)) {
		const int shown = length < 200 ? (int)length : 200;

		if (!offered || out->agreed || !extension_parse(&e, text, length) || !e.valid ||
		    (e.given[CLIENT_BITS] && !e.bits[CLIENT_BITS])) {
			fail(why, FAILURE_PROTOCOL,
			     "the server agrees to an extension that was not offered: %.*s", shown,
			     text);
			return false;
		}
		*out = (struct websocket_deflate){
			.agreed = true,
			.client_no_takeover = e.given[CLIENT_NO_TAKEOVER],
			.server_no_takeover = e.given[SERVER_NO_TAKEOVER],
			.client_bits = bits_or_all(e.bits[CLIENT_BITS]),
			.server_bits = bits_or_all(e.bits[SERVER_BITS]),
		};
	}
	return true;
}
