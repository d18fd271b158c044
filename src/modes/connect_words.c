/* SPDX-License-Identifier: MIT */
/* src/modes/connect_words.c - a protocol's own words around the user's: --starttls, --telnet. */
#include <stddef.h>

#include <sockutil/modes/connect_options.h>
#include <sockutil/modes/connect_words.h>
#include <sockutil/proto/starttls.h>

#define AT(field) offsetof(struct connect_args, words.field)

const struct option_row connect_words_rows[] = {
	{
		.name = "starttls",
		.arg = "PROTOCOL",
		.type = OPTION_CHOICE,
		.at = AT(starttls),
		.choices = starttls_names,
		.fallback = "none",
		.group = "the protocol's own words",
		.help = "ask for TLS as PROTOCOL does; a server without it is an error",
		.example = "--starttls smtp localhost 25",
	},
	{
		.name = "telnet",
		.type = OPTION_FLAG,
		.at = AT(telnet),
		.group = "the protocol's own words",
		.help = "answer TELNET's commands (RFC 854), refusing every option",
		.example = "--telnet localhost 23",
	},
	{ 0 },
};

bool connect_words_use(const struct connect_words_args *args, const struct endpoint *endpoint,
		       struct stream_options *stream, struct failure *why)
{
	if (args->starttls == STARTTLS_NONE)
		return true;
	if (endpoint->scheme > ENDPOINT_TCP) {
		char text[ENDPOINT_TEXT_MAX];

		fail(why, FAILURE_USAGE,
		     "--starttls begins in clear: %s does not; leave the scheme out",
		     endpoint_text(text, endpoint));
		return false;
	}
	stream->starttls = (enum starttls_protocol)args->starttls;
	stream->tls = true;
	return true;
}
