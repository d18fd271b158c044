/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_COMMON_OPTIONS_H
#define SOCKUTIL_MODES_COMMON_OPTIONS_H
/* The options that every mode shares (CLI.md): one table, one struct, which is the first member of each mode's args. */
#include <sockutil/cli/option.h>
#include <sockutil/stream/open.h>

struct common_options {
	int family; /* OPTION_VALUE: 4, 6 or 0 */
	int verbose;
	bool quiet, log_json, stats;
	const char *log_file;
	int color; /* enum log_color */
	int64_t timeout_ms, idle_ms, max_ms; /* idle and max: 0 none */

	const char *source, *interface;

	bool nodelay, fastopen, mptcp, show_sockopts;
	const char *keepalive; /* "" or "IDLE,INTERVAL,COUNT"; NULL not given */
	uint64_t rcvbuf, sndbuf;
	bool rcvbuf_given, sndbuf_given;
	int64_t ttl, dscp_value, mark, user_timeout_ms; /* -1: not given (dscp takes names too, see dscp) */
	const char *dscp, *linger, *congestion;
	struct option_list sockopt;

	bool tls, insecure;
	const char *ca, *key_passfile, *servername, *verify_name, *pin, *tofu, *crl, *alpn, *tls_min,
		*tls_max, *ciphers, *groups, *keylog, *secret;
	struct option_list cert, key;

	uint64_t limit_rate, limit_rate_up, limit_rate_down;
	const char *record, *hex;
};

extern const struct option_row common_option_rows[];

/* The end of option handling: opens the log as command, checks combinations, fills *out (borrowing from *common) and opens the tap. FAILURE_USAGE and
 * FAILURE_OUTPUT. common_options_free closes the tap and reports what that says. */
bool common_options_apply(const struct common_options *common, const char *command, bool server,
			  struct stream_options *out, struct failure *why);
bool common_options_free(struct stream_options *out, struct failure *why);
#endif
