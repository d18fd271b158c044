/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_SAVE_H
#define SOCKUTIL_SERVE_SAVE_H
/*
 * --save: each connection into its own new file. It is written as NAME.partial and becomes NAME
 * when the client ended in order; otherwise it stays NAME.partial. Nothing that exists is ever
 * overwritten.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>
#include <sockutil/serve/handler.h>

struct save_options {
	const char *pattern;
	int64_t idle_ms; /* 0: none */
};

/* Its prepare takes a struct save_options. */
extern const struct handler save_handler;

enum { SAVE_NAME_MAX = 4096 };

struct save_name {
	const struct address *peer; /* %p: "127.0.0.1_4711", "unix"; never a path or an option */
	const char *time;           /* %t: "20261121T090000Z" */
	uint64_t number;            /* %n */
	uint64_t attempt;           /* above 1 and without %n: "-2" and so on behind the name */
};

/* True when every % of the pattern is followed by p, t, n or %. FAILURE_USAGE. */
bool save_pattern_check(const char *pattern, struct failure *why);
/* False when the name does not fit out. The pattern was checked. */
bool save_name_make(char out[static SAVE_NAME_MAX], const char *pattern,
		    const struct save_name *name);
#endif
