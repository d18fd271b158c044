/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_REPORT_H
#define SOCKUTIL_SERVE_REPORT_H
/* The lines of a server: listening on…, connected from…, closed…, refused…, and --stats. */
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>
#include <sockutil/net/listen.h>
#include <sockutil/serve/server.h>

struct session;

enum { REPORT_PEER_MAX = ADDRESS_TEXT_MAX + 24 };
/* The client's name in every line about it. */
void report_peer(char out[static REPORT_PEER_MAX], const struct session *session);

void report_listening(const struct listener *listener, bool tls);
/* --metrics: where they are told. */
void report_metrics(const struct listener *listener);
void report_connected(const struct session *session);
/* why NULL or without class: in order. decisive: it decides the exit status, so it is an error
 * rather than a notice. */
void report_closed(const struct session *session, const struct failure *why, bool decisive);
/* --stats of one connection, while its socket is open: what the kernel counted. */
void report_connection(const struct session *session);
/* reason: "denied by 10.0.0.0/8", "more than 5 a second (--conn-rate)". */
void report_refused(const struct address *peer, const char *reason);
struct server_totals report_sum(const struct server_totals *totals, unsigned workers);
/* Sum over workers; ms: how long the server ran. */
void report_stats(const struct server_totals *totals, unsigned workers, int64_t ms);
#endif
