/* SPDX-License-Identifier: MIT */
/* src/modes/serve_options.c - the rows of `sockutil serve`. */
#include <stddef.h>

#include <sockutil/modes/serve_options.h>

#define AT(field) offsetof(struct serve_args, field)

const struct option_row serve_option_rows[] = {
	{
		.name = "keep-open",
		.letter = 'k',
		.type = OPTION_FLAG,
		.at = AT(keep_open),
		.group = "how long",
		.help = "stdin and stdout: any number of clients at once",
		.example = "-k 9999",
		.conflicts = "once",
		.common = true,
	},
	{
		.name = "once",
		.type = OPTION_FLAG,
		.at = AT(once),
		.group = "how long",
		.help = "serve one connection, then end with its status",
		.example = "--once 9999 --responder echo",
		.conflicts = "accept keep-open",
		.common = true,
	},
	{
		.name = "accept",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(accept),
		.min = 1,
		.max = INT64_MAX,
		.group = "how long",
		.help = "serve N connections, then end",
		.example = "--accept 3 9999 --responder time",
	},
	{
		.name = "one-at-a-time",
		.type = OPTION_FLAG,
		.at = AT(one_at_a_time),
		.group = "how long",
		.help = "one client after another; the others wait",
		.example = "--one-at-a-time 9999 --responder reverse",
		.conflicts = "workers max-conns",
	},
	{
		.name = "recv-only",
		.type = OPTION_FLAG,
		.at = AT(recv_only),
		.group = "how long",
		.help = "only receive; stdin is never touched",
		.example = "--recv-only 9999",
		.conflicts = "send-only " SERVE_HANDLERS,
	},
	{
		.name = "send-only",
		.type = OPTION_FLAG,
		.at = AT(send_only),
		.group = "how long",
		.help = "only send; what clients say is dropped",
		.example = "--send-only 9999",
		.conflicts = "recv-only " SERVE_HANDLERS,
	},
	{
		.name = "max-conns",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(max_conns),
		.min = 1,
		.max = 1000000,
		.fallback = "1024",
		.group = "who may come, and how many",
		.help = "connections at once; others wait in the backlog",
		.example = "--max-conns 10000 9999 --responder echo",
	},
	{
		.name = "workers",
		.arg = "N|auto",
		.type = OPTION_TEXT,
		.at = AT(workers),
		.fallback = "1",
		.group = "the process",
		.help = "processes that serve; auto: one for each processor",
		.example = "--workers auto 9999 --responder echo",
	},
	{ 0 },
};

const char *const serve_examples[] = {
	"sockutil serve 9999 >received",
	"take one connection and save what it sends",
	"sockutil serve 9999 --responder echo",
	"an echo server for any number of clients",
	"sockutil serve 127.0.0.1:9999 --responder greet",
	"greet everyone, without letting the others wait",
	"sockutil serve --tls 8443 --reply '[{time}] {message}'",
	"TLS with a certificate made for this run; its --pin is said",
	"sockutil serve unix:/tmp/s --save 'in-%n'",
	"each connection into its own file",
	NULL,
};

const char serve_hints[] =
	"-l\0-l is netcat's; serve listens by itself: sockutil serve {operands}\0"
	"--listen\0serve listens by itself: sockutil serve {operands}\0"
	"-p\0-p is netcat's; the port stands alone: sockutil serve {operands}\0"
	"-u\0-u is netcat's; serve carries streams, not datagrams\0"
	"-m\0-m is ncat's; write it as --max-conns\0"
	"-U\0-U is netcat's; write the socket's path as unix:PATH\0"
	"--ssl\0--ssl is ncat's; write it as --tls\0"
	"\0";
