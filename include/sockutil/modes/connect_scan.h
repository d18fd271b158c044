/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_CONNECT_SCAN_H
#define SOCKUTIL_MODES_CONNECT_SCAN_H
/* `sockutil connect --scan`: which ports of a host are open, as a table or as JSON. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/cli/option.h>
#include <sockutil/stream/open.h>

struct connect_scan_args {
	bool scan, json, all;
	int64_t jobs;
};

struct connect_args;

extern const struct option_row connect_scan_rows[];

/* operands: HOST and lists of ports, or one HOST:PORT. Everything found is on stdout. False: why
 * has the exit status too where nothing is wrong but nothing (or not all of it) is open:
 * FAILURE_CONNECT, FAILURE_TIMEOUT. */
bool connect_scan(const struct connect_args *args, char **operands, size_t count,
		  const struct stream_options *stream, struct failure *why);
#endif
