/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_SERVE_RUN_H
#define SOCKUTIL_MODES_SERVE_RUN_H
/* From the options of `sockutil serve` to a server: what its files share. */
#include <sockutil/modes/serve_options.h>
#include <sockutil/serve/server.h>

struct serve_run {
	const struct serve_args *args;
	struct endpoint *endpoints;
	struct endpoint metrics;
	struct stream_options stream; /* of the connections that come */
	struct server_options server;
	const struct serve_choice *choice; /* NULL: standard input and output */
	struct serve_websocket *websocket; /* of --ws; modes/serve_websocket.h */
	struct files_setup *files;         /* of --files; NULL: none */
	void *handler_options; /* made by serve_choice.use with calloc(3); freed at the end */
};

/* How a handler is asked for: one row each in modes/serve.c. */
struct serve_choice {
	const char *option; /* without dashes, for messages */
	bool (*asked)(const struct serve_args *args);
	/* Sets run->server.handler and handler_options. FAILURE_USAGE. */
	bool (*use)(struct serve_run *run, struct failure *why);
	/* Frees what lies inside handler_options; NULL: nothing does. */
	void (*done)(struct serve_run *run);
};

/* What --files asks for, for its handler or for one that has it beside itself; in run->files until
 * serve_files_free(). NULL: why says it. */
const struct files_options *serve_files_options(struct serve_run *run, struct failure *why);
void serve_files_free(struct serve_run *run);

/* run->handler_options, zeroed, of that size. Never NULL. */
void *serve_handler_options(struct serve_run *run, size_t size);
#endif
