/* SPDX-License-Identifier: MIT */
/* The lines of a server. */
#include <stdio.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/number.h>
#include <sockutil/net/tcp_info.h>
#include <sockutil/serve/report.h>
#include <sockutil/serve/session.h>

#define COUNT(fields) (sizeof(fields) / sizeof((fields)[0]))

void report_listening(const struct listener *listener, bool tls)
{
	char address[ADDRESS_TEXT_MAX];
	const struct log_field fields[] = {
		LOG_TEXT("address", address),
		LOG_INTEGER("port", address_port(&listener->address)),
		LOG_TEXT("tls", tls ? "yes" : "no"),
	};

	address_text(address, &listener->address);
	log_event(LOG_LEVEL_NOTICE, "listening", fields, COUNT(fields), "listening on %s%s",
		  address, tls ? " (TLS)" : "");
}

void report_metrics(const struct listener *listener)
{
	char address[ADDRESS_TEXT_MAX];
	const struct log_field fields[] = {
		LOG_TEXT("address", address),
		LOG_INTEGER("port", address_port(&listener->address)),
	};

	address_text(address, &listener->address);
	log_event(LOG_LEVEL_NOTICE, "metrics", fields, COUNT(fields), "metrics on %s", address);
}

/* Clients of a Unix socket have no name of their own: the listener's and a number. */
void report_peer(char out[static REPORT_PEER_MAX], const struct session *session)
{
	const struct listener *listener = &session->server->listeners[session->listener];
	struct address peer;
	size_t length;

	session_peer(session, &peer);
	address_text(out, &peer);
	if (peer.any.sa_family != AF_UNIX || out[sizeof("unix:") - 1] != '\0')
		return;
	address_text(out, &listener->address);
	length = strlen(out);
	snprintf(out + length, REPORT_PEER_MAX - length, "#%llu",
		 (unsigned long long)session->number);
}

/* Of what is told of a single connection. */
static enum log_level level_of(const struct session *session)
{
	return session->server->options->hushed ? LOG_LEVEL_INFO : LOG_LEVEL_NOTICE;
}

void report_connected(const struct session *session)
{
	char peer[REPORT_PEER_MAX], local[ADDRESS_TEXT_MAX];
	const struct log_field fields[] = {
		LOG_TEXT("peer", peer),
		LOG_TEXT("listener", local),
		LOG_INTEGER("connection", session->number),
	};

	if (!log_shows(level_of(session)))
		return;
	report_peer(peer, session);
	address_text(local, &session->server->listeners[session->listener].address);
	log_event(level_of(session), "connected", fields, COUNT(fields), "connected from %s", peer);
}

/* The reader of our output is gone: as silent as SIGPIPE. */
static enum log_level closed_level(const struct session *session, const struct failure *why,
				   bool decisive)
{
	if (why && why->class == FAILURE_READER_GONE)
		return LOG_LEVEL_INFO;
	return decisive ? LOG_LEVEL_ERROR : level_of(session);
}

void report_closed(const struct session *session, const struct failure *why, bool decisive)
{
	const bool failed = why && why->class != FAILURE_NONE;
	const enum log_level level = closed_level(session, failed ? why : NULL, decisive && failed);
	const int64_t took = clock_ms() - session->started_ms;
	char peer[REPORT_PEER_MAX], in[32], out[32], time[32];
	const char *reason = failed ? why->text : session->reason;
	const struct log_field fields[] = {
		LOG_TEXT("peer", peer),
		LOG_INTEGER("connection", session->number),
		LOG_INTEGER("received", session->received),
		LOG_INTEGER("sent", session->sent),
		LOG_INTEGER("milliseconds", took),
		LOG_TEXT("reason", reason),
		LOG_INTEGER("status", failed ? failure_status(why->class) : 0),
	};

	if (!log_shows(level))
		return;
	report_peer(peer, session);
	log_event(level, "closed", fields, COUNT(fields), "closed %s: %s; received %s, sent %s, %s",
		  peer, reason, size_text(in, sizeof(in), session->received),
		  size_text(out, sizeof(out), session->sent),
		  duration_text(time, sizeof(time), took));
}

void report_connection(const struct session *session)
{
	char peer[REPORT_PEER_MAX];
	struct buffer text = { 0 };
	const struct log_field fields[] = {
		LOG_TEXT("peer", peer),
		LOG_INTEGER("connection", session->number),
	};

	report_peer(peer, session);
	if (tcp_info_text(stream_fd(session->stream, STREAM_READ), &text))
		log_event(LOG_LEVEL_NOTICE, "connection", fields, COUNT(fields), "%s: %s", peer,
			  buffer_text(&text));
	buffer_free(&text);
}

void report_refused(const struct address *address, const char *reason)
{
	char peer[ADDRESS_TEXT_MAX];
	const struct log_field fields[] = {
		LOG_TEXT("peer", peer),
		LOG_TEXT("reason", reason),
	};

	if (!log_shows(LOG_LEVEL_NOTICE))
		return;
	address_text(peer, address);
	log_event(LOG_LEVEL_NOTICE, "refused", fields, COUNT(fields), "refused %s: %s", peer,
		  reason);
}

struct server_totals report_sum(const struct server_totals *totals, unsigned workers)
{
	struct server_totals sum = { 0 };

	for (unsigned w = 0; w < workers; ++w) {
		sum.open += totals[w].open;
		sum.accepted += totals[w].accepted;
		sum.served += totals[w].served;
		sum.refused += totals[w].refused;
		sum.failed += totals[w].failed;
		sum.received += totals[w].received;
		sum.sent += totals[w].sent;
	}
	return sum;
}

void report_stats(const struct server_totals *totals, unsigned workers, int64_t ms)
{
	const struct server_totals sum = report_sum(totals, workers);
	const uint64_t span = ms > 0 ? (uint64_t)ms : 1;
	char in[32], out[32], in_rate[32], out_rate[32], time[32];
	const struct log_field fields[] = {
		LOG_INTEGER("served", sum.served),   LOG_INTEGER("failed", sum.failed),
		LOG_INTEGER("refused", sum.refused), LOG_INTEGER("received", sum.received),
		LOG_INTEGER("sent", sum.sent),       LOG_INTEGER("milliseconds", ms),
	};

	size_text(in_rate, sizeof(in_rate), sum.received * 1000 / span);
	size_text(out_rate, sizeof(out_rate), sum.sent * 1000 / span);
	log_event(
		LOG_LEVEL_NOTICE, "stats", fields, COUNT(fields),
		"connections: %llu served, %llu failed, %llu refused; received %s (%s/s), sent %s "
		"(%s/s), %s",
		(unsigned long long)sum.served, (unsigned long long)sum.failed,
		(unsigned long long)sum.refused, size_text(in, sizeof(in), sum.received), in_rate,
		size_text(out, sizeof(out), sum.sent), out_rate,
		duration_text(time, sizeof(time), ms));
}
