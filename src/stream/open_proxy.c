/* SPDX-License-Identifier: MIT */
/* src/stream/open_proxy.c - through one proxy after the other. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/net/endpoint_host.h>
#include <sockutil/net/idn.h>
#include <sockutil/proto/no_proxy.h>
#include <sockutil/stream/layer_http_connect.h>
#include <sockutil/stream/layer_socks.h>
#include <sockutil/stream/open_proxy.h>

/* --- who is on the way ------------------------------------------------------- */

static int port_of(const struct endpoint *endpoint)
{
	struct address *addresses = NULL;
	struct failure ignored;
	size_t count;
	int port = endpoint->port;

	/* A service name is looked up here: proxies are told numbers. */
	if (port < 0 && resolve_now("127.0.0.1", endpoint->service, port, AF_INET, SOCK_STREAM,
				    false, &addresses, &count, &ignored))
		port = (int)address_port(&addresses[0]);
	free(addresses);
	return port;
}

bool stream_uses_proxy(const struct endpoint *endpoint, const struct stream_options *options)
{
	struct failure ignored;
	char ascii[IDN_MAX];
	int port;

	if (options->proxy_count == 0 || endpoint->kind != ENDPOINT_INTERNET)
		return false;
	if (!options->no_proxy || !*options->no_proxy)
		return true;
	port = port_of(endpoint);
	if (no_proxy_fits(options->no_proxy, endpoint->host, port))
		return false;
	return !idn_to_ascii(ascii, endpoint->host, &ignored) ||
	       !no_proxy_fits(options->no_proxy, ascii, port);
}

void stream_blame_proxy(struct failure *why)
{
	const struct failure inner = *why;
	const enum failure_class class = inner.class == FAILURE_CONNECT ? FAILURE_PROXY
					 : inner.class == FAILURE_NAME  ? FAILURE_PROXY_NAME
									: inner.class;

	fail(why, class, "the proxy %s", inner.text);
	why->error = inner.error;
}

static const struct proxy_hop *hop_of(const struct open_proxy *p)
{
	return &p->request->options->proxies[p->hop];
}

/* What the current hop is asked for. */
static const struct endpoint *asked_for(const struct open_proxy *p)
{
	return p->hop + 1 < p->count ? &p->request->options->proxies[p->hop + 1].endpoint
				     : p->request->endpoint;
}

static const char *hop_text(char out[static ENDPOINT_TEXT_MAX], const struct open_proxy *p)
{
	return endpoint_text(out, &hop_of(p)->endpoint);
}

void open_proxy_init(struct open_proxy *p, const struct stream_open_request *request,
		     void (*named)(void *data), void *data)
{
	*p = (struct open_proxy){ .request = request, .named = named, .data = data };
	if (stream_uses_proxy(request->endpoint, request->options))
		p->count = request->options->proxy_count;
}

const struct endpoint *open_proxy_first(const struct open_proxy *p)
{
	return p->count > 0 ? &p->request->options->proxies[0].endpoint : p->request->endpoint;
}

bool open_proxy_load(struct open_proxy *p, struct failure *why)
{
	static const struct tls_options plain = { .insecure = false };
	const struct stream_options *options = p->request->options;
	bool wanted = false;

	for (size_t i = 0; i < p->count; i++)
		wanted = wanted || options->proxies[i].kind == PROXY_HTTPS;
	if (!wanted)
		return true;
	p->tls = tls_load(why);
	p->context = p->request->proxy_tls ? p->request->proxy_tls : &p->own;
	if (p->tls && !*p->context)
		*p->context = p->tls->client(options->proxy_tls ? options->proxy_tls : &plain, why);
	return p->tls && *p->context;
}

/* --- names resolved here ------------------------------------------------------ */

static bool is_literal(const char *host)
{
	return endpoint_host_is_v4(host) || endpoint_host_is_v6(host);
}

/* By default proxies are told names: whoever looks on here learns none, and the proxy's own DNS is
 * the one that counts there. SOCKS4 has no field for one. */
static bool resolves_here(const struct open_proxy *p)
{
	return !is_literal(asked_for(p)->host) &&
	       (p->request->options->proxy_dns_local || hop_of(p)->kind == PROXY_SOCKS4);
}

static bool permitted(const struct open_proxy *p, const struct address *address)
{
	const struct stream_open_request *r = p->request;

	return p->hop + 1 < p->count || !r->permits || r->permits(r->data, address);
}

/* The first one of IPv4, which every proxy can reach, else the first one of IPv6. */
static void on_resolved(void *data, int family, const struct address *addresses, size_t count,
			const struct failure *why, bool more)
{
	struct open_proxy *p = data;

	if (why)
		p->unresolved = *why;
	for (size_t i = 0; i < count; i++) {
		if (!permitted(p, &addresses[i])) {
			p->refused++;
		} else if (p->address.length == 0 ||
			   (family == AF_INET && p->address.any.sa_family != AF_INET)) {
			p->address = addresses[i];
			break;
		}
	}
	if (more)
		return;
	p->resolved = true;
	resolve_cancel(p->resolve);
	p->resolve = NULL;
	p->named(p->data);
}

static void resolve_here(struct open_proxy *p)
{
	const struct stream_open_request *r = p->request;
	const struct endpoint *to = asked_for(p);
	const int family = hop_of(p)->kind == PROXY_SOCKS4 ? AF_INET : r->options->net.family;

	p->resolve = resolve_start(r->loop, to->host, to->service, to->port, family, SOCK_STREAM,
				   on_resolved, p);
}

/* --- one hop -------------------------------------------------------------------- */

static bool not_permitted(const char *host, struct failure *why)
{
	fail(why, FAILURE_CONNECT, "%s: not permitted", host);
	why->error = EACCES;
	return false;
}

/* Without brackets and zone: a zone is of this machine. */
static void set_literal(struct socks_address *to, const char *host)
{
	snprintf(to->host, sizeof(to->host), "%.*s", (int)strcspn(host, "%"), host);
	to->is_name = false;
}

static bool address_for(const struct open_proxy *p, struct socks_address *to, struct failure *why)
{
	const char *host = asked_for(p)->host;
	char text[ADDRESS_TEXT_MAX];
	struct address literal;

	*to = (struct socks_address){ .port = p->port };
	if (p->address.length > 0) {
		set_literal(to, address_host(text, &p->address));
	} else if (p->refused > 0) {
		return not_permitted(host, why);
	} else if (p->resolved) {
		*why = p->unresolved;
		if (p->hop + 1 < p->count)
			stream_blame_proxy(why);
		return false;
	} else if (is_literal(host)) {
		if (address_parse_ip(host, (unsigned)p->port, &literal) && !permitted(p, &literal))
			return not_permitted(host, why);
		set_literal(to, host);
	} else {
		to->is_name = true;
		return idn_to_ascii(to->host, host, why);
	}
	return true;
}

static struct stream *ask(const struct open_proxy *p, struct stream *below,
			  const struct socks_address *to, struct failure *why)
{
	const struct proxy_hop *hop = hop_of(p);
	const struct layer_socks_request socks = {
		.kind = hop->kind,
		.to = *to,
		.user = hop->user,
		.password = hop->password,
	};
	const struct layer_http_connect_request http = {
		.host = to->host,
		.port = to->port,
		.user = hop->user,
		.password = hop->password,
	};

	if (hop->kind == PROXY_HTTP || hop->kind == PROXY_HTTPS)
		return layer_http_connect_new(below, &http, why);
	return layer_socks_new(below, &socks, why);
}

/* The layer that asks the current hop for the next one. */
static enum io talk(struct open_proxy *p, struct stream **stream, struct failure *why)
{
	struct socks_address to;
	struct stream *top;

	if (!address_for(p, &to, why))
		return IO_FAILED;
	p->stage = OPEN_PROXY_TALK;
	top = ask(p, *stream, &to, why);
	if (!top)
		return IO_FAILED;
	*stream = top;
	return IO_AGAIN;
}

static enum io shake_hands(struct open_proxy *p, struct stream **stream, struct failure *why)
{
	const struct endpoint *endpoint = &hop_of(p)->endpoint;
	char host[IDN_MAX];
	struct stream *top;

	p->stage = OPEN_PROXY_TLS;
	if (!idn_to_ascii(host, endpoint->host, why))
		return IO_FAILED;
	top = p->tls->connect(*p->context, *stream, host, endpoint->service, why);
	if (!top)
		return IO_FAILED;
	*stream = top;
	return IO_AGAIN;
}

static enum io begin_talk(struct open_proxy *p, struct stream **stream, struct failure *why)
{
	p->stage = OPEN_PROXY_NAME;
	p->address = (struct address){ .length = 0 };
	p->resolved = false;
	p->refused = 0;
	p->port = port_of(asked_for(p));
	if (p->port < 0)
		return fail(why, FAILURE_USAGE, "%s: unknown service", asked_for(p)->service);
	if (!resolves_here(p))
		return talk(p, stream, why);
	resolve_here(p);
	return IO_END;
}

enum io open_proxy_next(struct open_proxy *p, struct stream **stream, struct failure *why)
{
	if (p->hop < p->count && p->stage == OPEN_PROXY_TALK) {
		p->hop++;
		p->stage = OPEN_PROXY_DIAL;
	}
	if (p->hop == p->count)
		return IO_DONE;
	switch (p->stage) {
	case OPEN_PROXY_DIAL:
		return hop_of(p)->kind == PROXY_HTTPS ? shake_hands(p, stream, why)
						      : begin_talk(p, stream, why);
	case OPEN_PROXY_TLS:
		return begin_talk(p, stream, why);
	default:
		return talk(p, stream, why);
	}
}

/* --- what is told ------------------------------------------------------------- */

void open_proxy_blame(const struct open_proxy *p, struct failure *why)
{
	const struct failure inner = *why;
	char hop[ENDPOINT_TEXT_MAX], next[ENDPOINT_TEXT_MAX];
	enum failure_class class = inner.class;

	if (p->hop == p->count)
		return;
	hop_text(hop, p);
	switch (p->stage) {
	case OPEN_PROXY_DIAL:
		stream_blame_proxy(why);
		return;
	case OPEN_PROXY_TLS:
		if (class == FAILURE_SEND || class == FAILURE_RECEIVE ||
		    class == FAILURE_TRUNCATED || class == FAILURE_PROTOCOL)
			class = FAILURE_PROXY;
		fail(why, class, "the proxy %s: %s", hop, inner.text);
		break;
	case OPEN_PROXY_TALK:
		if (p->hop + 1 < p->count)
			fail(why, class, "the proxy %s, asked for %s, %s", hop,
			     endpoint_text(next, asked_for(p)), inner.text);
		else
			fail(why, class, "the proxy %s %s", hop, inner.text);
		break;
	default:
		return;
	}
	why->error = inner.error;
}

void open_proxy_pending(const struct open_proxy *p, struct failure *why)
{
	char hop[ENDPOINT_TEXT_MAX];

	hop_text(hop, p);
	if (p->stage == OPEN_PROXY_TLS)
		fail(why, FAILURE_TIMEOUT, "the TLS handshake with the proxy %s is not finished",
		     hop);
	else if (p->stage == OPEN_PROXY_NAME)
		fail(why, FAILURE_TIMEOUT, "%s: name not resolved yet", asked_for(p)->host);
	else
		fail(why, FAILURE_TIMEOUT, "the proxy %s has not answered", hop);
}

void open_proxy_stop(struct open_proxy *p)
{
	resolve_cancel(p->resolve);
	p->resolve = NULL;
	if (p->own)
		p->tls->context_free(p->own);
	p->own = NULL;
}
