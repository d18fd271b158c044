/* SPDX-License-Identifier: MIT */
/* common_server.c - what is around the connections of a server, from the options. */
#include <stddef.h>

#include <sockutil/modes/common_server.h>
#include <sockutil/serve/limits.h>

static bool makes_socket_file(const struct server_options *server)
{
	for (size_t i = 0; i < server->endpoint_count; ++i)
		if (server->endpoints[i].kind == ENDPOINT_UNIX)
			return true;
	return false;
}

static bool read_mode(const char *text, struct server_options *server, struct failure *why)
{
	unsigned bits = 0;

	if (!text)
		return true;
	for (const char *c = text; *c >= '0' && *c <= '7' && bits <= 0777; ++c) {
		bits = bits * 8 + (unsigned)(*c - '0');
		if (c[1] == '\0' && bits > 0 && bits <= 0777) {
			server->socket_mode = (mode_t)bits;
			if (makes_socket_file(server))
				return true;
			fail(why, FAILURE_USAGE, "--mode needs a unix:PATH endpoint");
			return false;
		}
	}
	fail(why, FAILURE_USAGE, "--mode %s: not permissions in octal; write it as 660", text);
	return false;
}

static bool read_metrics(const char *text, struct endpoint *metrics, struct server_options *server,
			 struct failure *why)
{
	if (!text)
		return true;
	if (!endpoint_parse(metrics, text, true, why)) {
		fail_at(why, "--metrics");
		return false;
	}
	if (metrics->scheme != ENDPOINT_PLAIN && metrics->scheme != ENDPOINT_TCP) {
		fail(why, FAILURE_USAGE, "--metrics %s: told over plain HTTP alone; use tcp://",
		     text);
		return false;
	}
	server->metrics = metrics;
	return true;
}

static const char *const *rules(const struct option_list *list)
{
	return list->count > 0 ? list->items : NULL;
}

static enum accept_proxy accept_proxy_of(const struct common_server_args *a)
{
	if (!a->accept_proxy_given)
		return ACCEPT_PROXY_NO;
	return a->accept_proxy == 0 ? ACCEPT_PROXY_REQUIRE : ACCEPT_PROXY_DETECT;
}

static struct server_options around(const struct common_options *common)
{
	const struct common_server_args *a = &common->server;

	return (struct server_options){
		.allow = rules(&a->allow),
		.deny = rules(&a->deny),
		.backlog = (int)a->backlog,
		.max_per_address = (uint64_t)a->per_ip,
		.handshake_ms = a->handshake_ms,
		.idle_ms = common->idle_ms,
		.max_ms = common->max_ms,
		.grace_ms = a->grace_ms,
		.ready_fd = a->ready_given ? (int)a->ready_fd : -1,
		.accept_proxy = accept_proxy_of(a),
		.port_file = a->port_file,
		.pidfile = a->pidfile,
		.user = a->user,
		.stats = common->stats,
		.show_sockopts = common->show_sockopts,
		.workers = 1,
	};
}

bool common_server_uses_tls(const struct server_options *server,
			    const struct stream_options *stream)
{
	for (size_t i = 0; i < server->endpoint_count; ++i)
		if (stream_uses_tls(&server->endpoints[i], stream))
			return true;
	return false;
}

bool common_server_apply(const struct common_options *common, char **operands, size_t count,
			 struct endpoint **endpoints, struct endpoint *metrics,
			 struct stream_options *stream, struct server_options *out,
			 struct failure *why)
{
	const struct common_server_args *a = &common->server;

	*out = around(common);
	out->stream = stream;
	if (a->client_ca) {
		stream->tls_options.client_ca = a->client_ca;
		stream->tls_options.client_cert =
			a->client_cert == 0 ? TLS_CLIENT_CERT_REQUIRED : TLS_CLIENT_CERT_OPTIONAL;
	}
	if (!endpoints_from_operands(endpoints, &out->endpoint_count, operands, count, true, why))
		return false;
	out->endpoints = *endpoints;
	if (a->client_ca && !common_server_uses_tls(out, stream)) {
		fail(why, FAILURE_USAGE, "--client-ca needs --tls or a tls:// endpoint");
		return false;
	}
	return read_mode(a->mode, out, why) && read_metrics(a->metrics, metrics, out, why) &&
	       (!a->conn_rate || limits_parse_rate(a->conn_rate, &out->rate, why));
}

const char *common_server_given(const struct common_options *common)
{
	const struct common_server_args *a = &common->server;
	const struct {
		const char *name;
		bool given;
	} options[] = {
		{ "allow", a->allow.count > 0 },
		{ "deny", a->deny.count > 0 },
		{ "max-conns-per-ip", a->per_ip > 0 },
		{ "conn-rate", a->conn_rate },
		{ "backlog", a->backlog_given },
		{ "accept-proxy", a->accept_proxy_given },
		{ "handshake-timeout", a->handshake_given },
		{ "client-ca", a->client_ca },
		{ "client-cert", a->client_cert_given },
		{ "grace", a->grace_given },
		{ "port-file", a->port_file },
		{ "ready-fd", a->ready_given },
		{ "mode", a->mode },
		{ "pidfile", a->pidfile },
		{ "user", a->user },
		{ "metrics", a->metrics },
	};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].given)
			return options[i].name;
	return NULL;
}
