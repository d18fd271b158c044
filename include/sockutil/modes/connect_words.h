/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_CONNECT_WORDS_H
#define SOCKUTIL_MODES_CONNECT_WORDS_H
/* What `sockutil connect` says for the user in a protocol's own words: --starttls, --telnet. */
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/cli/option.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/stream/open.h>

struct connect_words_args {
	int starttls; /* enum starttls_protocol */
	bool telnet;
};

extern const struct option_row connect_words_rows[];

/* Has *stream speak them; --starttls is --tls too. FAILURE_USAGE: an endpoint that says something
 * else. */
bool connect_words_use(const struct connect_words_args *args, const struct endpoint *endpoint,
		       struct stream_options *stream, struct failure *why);
#endif
