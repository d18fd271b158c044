/* SPDX-License-Identifier: MIT */
/* src/modes/serve_forward.c - `sockutil serve --forward`: its rows, and whose options are whose. */
#include <stddef.h>

#include <sockutil/modes/common_proxy.h>
#include <sockutil/modes/serve_forward.h>
#include <sockutil/modes/serve_run.h>
#include <sockutil/serve/forward.h>

#define AT(field) offsetof(struct serve_args, field)

static const char *const header_versions[] = { "1", "2", NULL };

const struct option_row serve_forward_rows[] = {
	{
		.name = "forward",
		.arg = "ENDPOINT",
		.type = OPTION_LIST,
		.at = AT(forward.endpoints),
		.group = "what clients get",
		.help = "join each to ENDPOINT; several: in turn",
		.example = "8080 --forward localhost:80",
		.conflicts = SERVE_HANDLERS,
		.common = true,
	},
	{
		.name = "send-proxy",
		.arg = "VERSION",
		.type = OPTION_CHOICE,
		.at = AT(forward.send_proxy),
		.given_at = AT(forward.send_proxy_given),
		.choices = header_versions,
		.group = "the upstream of --forward",
		.help = "say first who the client is, by a PROXY protocol header",
		.example = "8080 --forward localhost:80 --send-proxy 2",
		.needs = "forward",
	},
	{
		.name = "timeout",
		.letter = 'w',
		.arg = "TIME",
		.type = OPTION_DURATION,
		.at = AT(common.timeout_ms),
		.min = 1,
		.fallback = "30s",
		.group = "the upstream of --forward",
		.help = "try the next when one is not open after TIME",
		.example = "8080 --forward localhost:80 -w 5s",
		.needs = "forward gateway",
	},
	{
		.name = "source",
		.letter = 's',
		.arg = "ADDR[:PORT]",
		.type = OPTION_TEXT,
		.at = AT(common.source),
		.group = "the upstream of --forward",
		.help = "connect from this local address",
		.example = "8080 --forward localhost:80 --source 127.0.0.1",
		.needs = "forward gateway",
	},
	{
		.name = "ca",
		.arg = "FILE|DIR",
		.type = OPTION_FILE,
		.at = AT(common.ca),
		.fallback_text = "the system's",
		.group = "the upstream of --forward",
		.help = "trust these for tls:// (of clients: --client-ca)",
		.example = "8080 --forward tls://localhost:443 --ca ca.pem",
		.needs = "forward",
	},
	{
		.name = "insecure",
		.type = OPTION_FLAG,
		.at = AT(common.insecure),
		.group = "the upstream of --forward",
		.help = "go on when its certificate is not trusted",
		.example = "8080 --forward tls://localhost:443 --insecure",
		.conflicts = "tofu",
		.needs = "forward",
	},
	{
		.name = "servername",
		.arg = "NAME",
		.type = OPTION_TEXT,
		.at = AT(common.servername),
		.fallback_text = "the host",
		.group = "the upstream of --forward",
		.help = "server name to ask it for (SNI); \"\" asks for none",
		.example = "8080 --forward tls://localhost:443 --servername www.example.org",
		.needs = "forward",
	},
	{
		.name = "verify-name",
		.arg = "NAME",
		.type = OPTION_TEXT,
		.at = AT(common.verify_name),
		.fallback_text = "the host",
		.group = "the upstream of --forward",
		.help = "name that its certificate must be for",
		.example = "8080 --forward tls://localhost:443 --verify-name www.example.org",
		.needs = "forward",
	},
	{
		.name = "pin",
		.arg = "PIN",
		.type = OPTION_TEXT,
		.at = AT(common.pin),
		.group = "the upstream of --forward",
		.help = "its public key must be this: sha256//BASE64, several with \";\" between",
		.example = "8080 --forward tls://localhost:443 "
			   "--pin sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		.needs = "forward",
	},
	{
		.name = "tofu",
		.arg = "F",
		.type = OPTION_FILE,
		.at = AT(common.tofu),
		.group = "the upstream of --forward",
		.help = "trust on first use: keep its key in F, insist on it from then on",
		.example = "8080 --forward tls://localhost:443 --tofu known-keys",
		.needs = "forward",
	},
	{ 0 },
};

/* Borrowed by the handler; the endpoints stand behind it. */
struct forward_run {
	struct forward_options options; /* what the handler takes */
	struct stream_options stream;
	struct common_proxy_chain proxies;
	struct endpoint endpoints[];
};

static bool forward_asked(const struct serve_args *a)
{
	return a->forward.endpoints.count > 0;
}

/* --- where to ------------------------------------------------------------------------ */

static bool read_endpoint(struct endpoint *out, const char *text, struct failure *why)
{
	if (!endpoint_parse(out, text, false, why))
		fail_at(why, "--forward");
	else if (out->kind == ENDPOINT_DESCRIPTOR || out->kind == ENDPOINT_SYSTEMD)
		fail(why, FAILURE_USAGE,
		     "--forward %s: one socket cannot be the other end of many connections", text);
	else if (out->scheme == ENDPOINT_UDP || out->scheme == ENDPOINT_DTLS)
		fail(why, FAILURE_USAGE, "--forward %s: streams go to streams, not to datagrams",
		     text);
	else
		return true;
	return false;
}

/* What is about the connections that come stays with them. */
static void set_stream(const struct serve_run *run, struct stream_options *out)
{
	const struct serve_forward_args *forward = &run->args->forward;

	*out = run->stream;
	out->net.interface = NULL;
	out->tls = false;
	out->tap = NULL;
	out->limit_up = out->limit_down = 0;
	out->send_proxy = forward->send_proxy_given ? forward->send_proxy + 1 : 0;
}

/* What the environment says is about one kind of endpoint, and all go the same way. */
static bool check_environment(const struct forward_run *own, const struct common_proxy_args *args,
			      struct failure *why)
{
	const struct endpoint *first = &own->endpoints[0];

	for (size_t i = 1; common_proxy_by_environment(args) && i < own->options.count; ++i) {
		const struct endpoint *one = &own->endpoints[i];

		if (stream_uses_tls(one, &own->stream) == stream_uses_tls(first, &own->stream) &&
		    (one->scheme == ENDPOINT_WS) == (first->scheme == ENDPOINT_WS))
			continue;
		fail(why, FAILURE_USAGE,
		     "--proxy env: the environment has one for each kind of endpoint, and those of "
		     "--forward are of several; give the proxy itself");
		return false;
	}
	return true;
}

static bool set_proxies(struct forward_run *own, const struct common_proxy_args *args,
			struct failure *why)
{
	for (size_t i = 0; i < own->options.count; ++i) {
		const struct endpoint *one = &own->endpoints[i];

		common_proxy_free(&own->proxies);
		if (!common_proxy_apply(&own->proxies, args, one,
					stream_uses_tls(one, &own->stream), &own->stream, why))
			return false;
	}
	return check_environment(own, args, why);
}

static bool use_forward(struct serve_run *run, struct failure *why)
{
	const struct option_list *texts = &run->args->forward.endpoints;
	struct forward_run *own =
		serve_handler_options(run, sizeof *own + texts->count * sizeof *own->endpoints);

	for (size_t i = 0; i < texts->count; ++i)
		if (!read_endpoint(&own->endpoints[i], texts->items[i], why))
			return false;
	/* What passes are somebody else's messages: none may wait for another. */
	run->stream.no_delay = true;
	set_stream(run, &own->stream);
	own->options = (struct forward_options){
		.servers = own->endpoints,
		.count = texts->count,
		.stream = &own->stream,
		.idle_ms = run->args->common.idle_ms,
	};
	run->server.handler = &forward_handler;
	return set_proxies(own, &run->args->common.proxy, why);
}

static void done_forward(struct serve_run *run)
{
	struct forward_run *own = run->handler_options;

	common_proxy_free(&own->proxies);
}

const struct serve_choice serve_choice_forward = { "forward", forward_asked, use_forward,
						   done_forward };

/* --- whose options ------------------------------------------------------------------- */

/* The first option given that is about the upstream's TLS alone, or NULL. */
static const char *upstream_option(const struct common_options *common)
{
	return common->ca            ? "ca"
	       : common->insecure    ? "insecure"
	       : common->servername  ? "servername"
	       : common->verify_name ? "verify-name"
	       : common->pin         ? "pin"
	       : common->tofu        ? "tofu"
				     : NULL;
}

/* The same about the way there. */
static const char *proxy_option(const struct common_proxy_args *proxy)
{
	return proxy->proxy.count > 0 ? "proxy"
	       : proxy->auth          ? "proxy-auth"
	       : proxy->dns_given     ? "proxy-dns"
	       : proxy->noproxy       ? "noproxy"
				      : NULL;
}

static bool upstream_uses_tls(const struct forward_run *own)
{
	for (size_t i = 0; i < own->options.count; ++i)
		if (stream_uses_tls(&own->endpoints[i], &own->stream))
			return true;
	return false;
}

static void split(struct serve_run *run, struct forward_run *own, bool listening)
{
	struct tls_options *client = &own->stream.tls_options, *server = &run->stream.tls_options;
	struct tls_options both = *server;

	client->cert = client->key = NULL;
	client->key_passfile = client->client_ca = NULL;
	client->client_cert = TLS_CLIENT_CERT_NONE;
	server->ca = server->servername = server->verify_name = server->pin = server->tofu = NULL;
	server->insecure = false;
	client->crl = both.client_ca ? NULL : both.crl;
	server->crl = both.client_ca ? both.crl : NULL;
	client->secret = listening ? NULL : both.secret;
	server->secret = listening ? both.secret : NULL;
}

/* What is left when the upstream has taken its own. */
static struct common_options of_the_listening_side(const struct common_options *common,
						   bool upstream)
{
	struct common_options rest = *common;

	rest.ca = rest.servername = rest.verify_name = rest.pin = rest.tofu = NULL;
	rest.insecure = false;
	if (upstream) {
		rest.crl = rest.alpn = rest.ciphers = rest.groups = rest.keylog = rest.secret =
			NULL;
		rest.tls_min_given = rest.tls_max_given = false;
	}
	return rest;
}

bool serve_forward_split_tls(struct serve_run *run, bool listening, struct failure *why)
{
	const struct common_options *common = &run->args->common;
	struct forward_run *own = run->handler_options;
	struct common_options rest;
	const char *option = upstream_option(common);
	const bool forward = forward_asked(run->args);
	const bool upstream = forward && upstream_uses_tls(own);

	if (!forward && !run->args->gateway.given && proxy_option(&common->proxy)) {
		fail(why, FAILURE_USAGE, "--%s needs --forward or --gateway",
		     proxy_option(&common->proxy));
		return false;
	}
	if (forward && !upstream && option) {
		fail(why, FAILURE_USAGE,
		     "--%s is about the upstream: it needs --forward with tls:// or wss://",
		     option);
		return false;
	}
	if (common->crl && !common->server.client_ca && !upstream) {
		fail(why, FAILURE_USAGE, "--crl needs --client-ca: a server checks its clients");
		return false;
	}
	rest = of_the_listening_side(common, upstream);
	if (forward)
		split(run, own, listening);
	return common_options_check_tls(&rest, listening, why);
}
