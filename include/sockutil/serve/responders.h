/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_RESPONDERS_H
#define SOCKUTIL_SERVE_RESPONDERS_H
/* The ready-made handlers of --responder, one row each. */
#include <stdint.h>

#include <sockutil/serve/handler.h>

enum responder_id {
#define RESPONDER(id, name) RESPONDER_##id,
#include <sockutil/serve/responders.def>
#undef RESPONDER
	RESPONDERS,
};

struct responder {
	const struct handler *handler;
	const void *options; /* for the handler's prepare */
	/* Not NULL: it answers messages, and with the options of --reply (banner, delay, …) it is
	 * this template. */
	const char *reply;
	const char *banner;
	const char *quit;
	int64_t delay_ms;
};

extern const struct responder responders[RESPONDERS];
/* Names in the order of the enum, behind them NULL. */
extern const char *const responder_names[RESPONDERS + 1];
#endif
