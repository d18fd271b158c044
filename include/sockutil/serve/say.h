/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_SAY_H
#define SOCKUTIL_SERVE_SAY_H
/* One text to each client, then the end: daytime (RFC 867) and the quote of the day (RFC 865). */
#include <stddef.h>
#include <stdint.h>

#include <sockutil/serve/handler.h>

struct say_options {
	/* number: of the session in its process. *text stays as it is until the next call. */
	size_t (*say)(uint64_t number, const char **text);
};

/* Its prepare takes a struct say_options. */
extern const struct handler say_handler;
extern const struct say_options say_daytime;
extern const struct say_options say_quote;
#endif
