/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_COMMON_OPTIONS_H
#define SOCKUTIL_MODES_COMMON_OPTIONS_H
/* The options that modes share: four tables, one struct, which is the first member of each mode's
 * args. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/cli/option.h>
#include <sockutil/stream/open.h>

/* The way through proxies, as given. */
struct common_proxy_args {
	struct option_list proxy; /* -x; "env" stands alone */
	const char *auth;         /* @FILE or USER:PASSWORD */
	int dns;                  /* enum common_proxy_dns */
	bool dns_given;
	const char *noproxy; /* NULL: not given */
	int64_t send_proxy;  /* 1 or 2; 0: none */
};

/* What is around the connections of a server. */
struct common_server_args {
	struct option_list allow, deny;
	int64_t per_ip, backlog, ready_fd; /* per_ip 0: no limit */
	int64_t grace_ms, handshake_ms;
	const char *conn_rate, *port_file, *mode, *pidfile, *user, *metrics, *client_ca;
	int accept_proxy; /* 0: require, 1: detect */
	int client_cert;  /* 0: required, 1: optional */
	bool accept_proxy_given, client_cert_given, ready_given, backlog_given, grace_given,
		handshake_given;
};

/* Filled by options_parse(). A number whose _given is false was not asked for. */
struct common_options {
	int family; /* 4, 6 or 0; of -4 and -6 the last wins */
	int verbose;
	bool quiet, log_json, stats;
	const char *log_file;
	int color; /* enum log_color */
	bool timeout_given;
	int64_t timeout_ms, idle_ms, max_ms; /* idle and max: 0 none; timeout: 0 in a server */

	const char *source, *interface;

	bool nodelay, fastopen, mptcp, show_sockopts;
	const char *keepalive; /* "" or "IDLE,INTERVAL,COUNT"; NULL not given */
	uint64_t rcvbuf, sndbuf;
	int64_t ttl, mark, linger, user_timeout_ms;
	bool rcvbuf_given, sndbuf_given, ttl_given, mark_given, linger_given, user_timeout_given;
	const char *dscp, *congestion;
	struct option_list sockopt;

	bool tls, insecure;
	const char *ca, *key_passfile, *servername, *verify_name, *pin, *tofu, *crl, *alpn,
		*ciphers, *groups, *keylog, *secret;
	int tls_min, tls_max; /* 0: 1.2, 1: 1.3 */
	bool tls_min_given, tls_max_given;
	struct option_list cert, key;

	uint64_t limit_rate, limit_rate_up, limit_rate_down; /* bytes a second, 0: none */
	const char *record, *hex;

	struct common_proxy_args proxy;
	struct common_server_args server;
};

/* What every mode has, and what only those have that dial (a name to check, an address to start
 * from). All offsets are into struct common_options. */
extern const struct option_row common_option_rows[];
extern const struct option_row common_client_rows[];
/* Proxies, of those that go through them: see modes/common_proxy.h. */
extern const struct option_row common_proxy_rows[];
/* Of those that listen: see modes/common_server.h. */
extern const struct option_row common_server_rows[];

/*
 * The end of option handling: opens the log as command (batched in a server: it calls log_flush()
 * before each sleep of its loop), checks what no table can say, fills *out (borrowing from *common)
 * and opens the tap. FAILURE_USAGE, FAILURE_OUTPUT; then nothing is left to free.
 */
bool common_options_apply(const struct common_options *common, const char *command, bool server,
			  struct stream_options *out, struct failure *why);

/* Frees what apply made and closes the tap. FAILURE_OUTPUT: the recording is not whole. */
bool common_options_free(struct stream_options *out, struct failure *why);

/* FAILURE_USAGE when an option was given that means something only with TLS and uses_tls is false
 * ("--ca needs --tls or a tls:// endpoint"). For the mode to call once it knows its endpoints. */
bool common_options_check_tls(const struct common_options *common, bool uses_tls,
			      struct failure *why);
#endif
