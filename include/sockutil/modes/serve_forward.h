/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_SERVE_FORWARD_H
#define SOCKUTIL_MODES_SERVE_FORWARD_H
/* --forward of `sockutil serve`, and what it is told about the connections it makes. */
#include <stdbool.h>

#include <sockutil/cli/option.h>

struct failure;
struct serve_run;
struct serve_choice;

struct serve_forward_args {
	struct option_list endpoints;
	int send_proxy; /* 0: version 1, 1: version 2 */
	bool send_proxy_given;
};

extern const struct option_row serve_forward_rows[];
extern const struct serve_choice serve_choice_forward;

/*
 * Which options about TLS are whose, once both sides are known; listening: whether clients come
 * with TLS. --ca, --insecure, --pin, --servername, --verify-name and --tofu are about the upstream;
 * --cert, --key and --client-ca about the listening side; --crl is the listening side's with
 * --client-ca, --secret when that side has TLS, otherwise the upstream's; versions, ciphers,
 * groups,
 * --alpn and --keylog hold for both. Without --forward all are the listening side's. FAILURE_USAGE:
 * one that is about a side without TLS.
 */
bool serve_forward_split_tls(struct serve_run *run, bool listening, struct failure *why);
#endif
