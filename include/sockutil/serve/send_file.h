/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_SEND_FILE_H
#define SOCKUTIL_SERVE_SEND_FILE_H
/* --send-file: the same regular file to each client, opened anew for each. What clients send is
 * dropped. */
#include <stdint.h>

#include <sockutil/serve/handler.h>

struct send_file_options {
	const char *file;
	int64_t idle_ms; /* 0: none */
};

/* Its prepare takes a struct send_file_options. */
extern const struct handler send_file_handler;
#endif
