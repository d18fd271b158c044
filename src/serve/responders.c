/* SPDX-License-Identifier: MIT */
/* The ready-made handlers, a row each. */
#include <sockutil/serve/chargen.h>
#include <sockutil/serve/discard.h>
#include <sockutil/serve/echo.h>
#include <sockutil/serve/reply.h>
#include <sockutil/serve/responders.h>
#include <sockutil/serve/say.h>

const struct responder responders[RESPONDERS] = {
	[RESPONDER_ECHO] = { .handler = &echo_handler, .reply = "{message}" },
	[RESPONDER_TIME] = { .handler = &reply_handler, .reply = "[{time}] {message}" },
	[RESPONDER_GREET] = {
		.handler = &reply_handler,
		.reply = "Hello, {message}!",
		.banner = "Welcome!",
		.quit = "exit",
		.delay_ms = 1000,
	},
	[RESPONDER_PREFIX] = { .handler = &reply_handler, .reply = "|From Server| {message}" },
	[RESPONDER_REVERSE] = { .handler = &reply_handler, .reply = "{reversed}", .quit = "quit" },
	[RESPONDER_DISCARD] = { .handler = &discard_handler },
	[RESPONDER_CHARGEN] = { .handler = &chargen_handler },
	[RESPONDER_DAYTIME] = { .handler = &say_handler, .options = &say_daytime },
	[RESPONDER_QOTD] = { .handler = &say_handler, .options = &say_quote },
};

const char *const responder_names[RESPONDERS + 1] = {
#define RESPONDER(id, name) [RESPONDER_##id] = #name,
#include <sockutil/serve/responders.def>
#undef RESPONDER
};
