/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_SERVE_GATEWAY_H
#define SOCKUTIL_MODES_SERVE_GATEWAY_H
/* --gateway of `sockutil serve`, and who may use it. */
#include <stdbool.h>

#include <sockutil/cli/option.h>

struct serve_choice;

struct serve_gateway_args {
	int kind; /* 0: http, 1: socks, 2: both */
	bool given;
	struct option_list logins; /* USER:PASSWORD or @FILE */
	bool allow_private;
};

extern const struct option_row serve_gateway_rows[];
extern const struct serve_choice serve_choice_gateway;
#endif
