/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_JOIN_H
#define SOCKUTIL_SERVE_JOIN_H
/* Standard input and output joined to a connection: the handler when none is named. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/serve/handler.h>

struct join_options {
	bool recv_only;   /* standard input is never touched */
	bool send_only;   /* what clients send is dropped */
	bool keep_output; /* standard output stays open when a connection ends: others follow */
	int64_t idle_ms;  /* 0: none */
};

/* One connection after another (the server takes one at a time). Prepare takes a struct
 * join_options. */
extern const struct handler join_handler;
#endif
