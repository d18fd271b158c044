/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/websocket_handshake_deflate.c
 * Holds: the first offer that can be accepted is; parameters that are unknown, twice, or of a wrong
 * value make an offer nobody's; what is no list of extensions is malformed; a server's answer says
 * what it chose; a client takes only what it offered, and knows what was agreed on.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/proto/websocket_handshake.h>

static struct websocket_deflate deflate;
static struct failure why;

static struct http_head *with(const char *first, const char *second)
{
	static struct http_head head;

	head = (struct http_head){ .field_count = second ? 2 : 1 };
	head.fields[0] =
		(struct http_field){ "sec-websocket-extensions", first, 24, strlen(first) };
	if (second)
		head.fields[1] = (struct http_field){ "Sec-WebSocket-Extensions", second, 24,
						      strlen(second) };
	return &head;
}

static const char *answer(const char *offers)
{
	static char shown[200];
	struct buffer out = { 0 };

	cr_assert(websocket_handshake_choose(&deflate, with(offers, NULL)), "%s", offers);
	cr_assert(websocket_handshake_answer(&out, &deflate));
	snprintf(shown, sizeof(shown), "%s", buffer_text(&out));
	buffer_free(&out);
	return shown;
}

#define FIELD                                                                                      \
	"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "               \
	"client_no_context_takeover"

Test(websocket_handshake_deflate, offers_that_are_taken)
{
	cr_assert_str_eq(answer("permessage-deflate"), FIELD "\r\n");
	cr_assert_eq(deflate.server_bits, 15);
	cr_assert_eq(deflate.client_bits, 15);
	cr_assert_str_eq(answer("Permessage-Deflate ; client_max_window_bits"), FIELD "\r\n");
	cr_assert_str_eq(answer("permessage-deflate; client_max_window_bits=8"), FIELD "\r\n");
	cr_assert_str_eq(answer("permessage-deflate;server_max_window_bits=8"),
			 FIELD "; server_max_window_bits=8\r\n");
	cr_assert_str_eq(answer("permessage-deflate; server_max_window_bits=\"11\""),
			 FIELD "; server_max_window_bits=11\r\n");
	cr_assert_str_eq(answer("x; y=z, permessage-deflate; nonsense, permessage-deflate; "
				"server_max_window_bits=9, permessage-deflate"),
			 FIELD "; server_max_window_bits=9\r\n");
}

Test(websocket_handshake_deflate, offers_over_two_fields)
{
	cr_assert(websocket_handshake_choose(&deflate, with("x", "permessage-deflate")));
	cr_assert(deflate.agreed);
	cr_assert(!websocket_handshake_choose(&deflate, with("permessage-deflate", "=")));
}

Test(websocket_handshake_deflate, offers_that_are_nobodys)
{
	static const char *const offers[] = {
		"",
		"x-webkit-deflate-frame",
		"permessage-deflate; server_max_window_bits",
		"permessage-deflate; server_max_window_bits=7",
		"permessage-deflate; server_max_window_bits=16",
		"permessage-deflate; server_max_window_bits=010",
		"permessage-deflate; server_max_window_bits=99999999999999999999",
		"permessage-deflate; server_max_window_bits=x",
		"permessage-deflate; client_max_window_bits=16",
		"permessage-deflate; client_max_window_bits; client_max_window_bits",
		"permessage-deflate; server_no_context_takeover=1",
		"permessage-deflate; unknown",
	};

	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++)
		cr_assert_str_eq(answer(offers[i]), "", "%s", offers[i]);
}

Test(websocket_handshake_deflate, what_is_malformed)
{
	static const char *const fields[] = {
		";",        "a;",        "a; b=",        "a; =b",       "a b",
		"a; b=\"c", "a; b=\"\"", "a; b=\"c d\"", "a; b=\"c\"d", "a=b",
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		cr_assert(!websocket_handshake_choose(&deflate, with(fields[i], NULL)), "%s",
			  fields[i]);
}

static bool agreed(const char *field, bool offered)
{
	why = (struct failure){ 0 };
	return websocket_handshake_agreed(&deflate, with(field, NULL), offered, &why);
}

Test(websocket_handshake_deflate, what_a_client_agrees_to)
{
	cr_assert(agreed("permessage-deflate", true));
	cr_assert(deflate.agreed && !deflate.client_no_takeover && !deflate.server_no_takeover);
	cr_assert(deflate.client_bits == 15 && deflate.server_bits == 15);
	cr_assert(agreed("permessage-deflate; server_no_context_takeover; "
			 "client_no_context_takeover; server_max_window_bits=8; "
			 "client_max_window_bits=10",
			 true));
	cr_assert(deflate.client_no_takeover && deflate.server_no_takeover);
	cr_assert(deflate.client_bits == 10 && deflate.server_bits == 8);
	cr_assert(agreed("", false));
	cr_assert(!deflate.agreed);
}

Test(websocket_handshake_deflate, what_a_client_does_not_agree_to)
{
	static const char *const fields[] = {
		"x",
		"permessage-deflate, permessage-deflate",
		"permessage-deflate; client_max_window_bits",
		"permessage-deflate; server_max_window_bits",
		"permessage-deflate; client_max_window_bits=7",
		"permessage-deflate; unknown=1",
		"permessage-deflate;",
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		cr_assert(!agreed(fields[i], true), "%s", fields[i]);
		cr_assert_eq(why.class, FAILURE_PROTOCOL);
	}
	cr_assert(!agreed("permessage-deflate", false));
	cr_assert_str_eq(why.text, "the server agrees to an extension that was not offered: "
				   "permessage-deflate");
}
