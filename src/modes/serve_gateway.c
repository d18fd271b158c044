/* SPDX-License-Identifier: MIT */
/* src/modes/serve_gateway.c - `sockutil serve --gateway`: its rows, and its logins. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/modes/common_proxy.h>
#include <sockutil/modes/login_list.h>
#include <sockutil/modes/serve_gateway.h>
#include <sockutil/modes/serve_run.h>
#include <sockutil/modes/text_input.h>
#include <sockutil/serve/gateway.h>

#define AT(field) offsetof(struct serve_args, field)

enum { KIND_HTTP, KIND_SOCKS, KIND_BOTH };
enum { LOGINS_MAX = 4096, OPEN_MS = 30000 };

static const char *const kinds[] = { "http", "socks", "both", NULL };

const struct option_row serve_gateway_rows[] = {
	{
		.name = "gateway",
		.arg = "KIND",
		.type = OPTION_CHOICE,
		.at = AT(gateway.kind),
		.given_at = AT(gateway.given),
		.choices = kinds,
		.group = "what clients get",
		.help = "be a proxy server for those who come",
		.example = "localhost 1080 --gateway both",
		.conflicts = SERVE_HANDLERS,
		.common = true,
	},
	{
		.name = "gateway-auth",
		.arg = "USER:PASSWORD|@FILE",
		.type = OPTION_LIST,
		.at = AT(gateway.logins),
		.group = "the gateway",
		.help = "only who knows one of these; a file has one a line",
		.example = "1080 --gateway socks --gateway-auth ann:secret",
		.needs = "gateway",
		.secret = true,
	},
	{
		.name = "allow-private",
		.type = OPTION_FLAG,
		.at = AT(gateway.allow_private),
		.group = "the gateway",
		.help = "connect to private and local addresses too",
		.example = "localhost 1080 --gateway both --allow-private",
		.needs = "gateway",
	},
	{ 0 },
};

/* Borrowed by the handler. */
struct gateway_run {
	struct gateway_options options; /* what the handler takes */
	struct login_source logins;
	struct common_proxy_chain chain;
};

static bool gateway_asked(const struct serve_args *a)
{
	return a->gateway.given;
}

/* --- the handler's options ------------------------------------------------------------- */

/* What is about the connections that come stays with them. */
static void set_target(const struct serve_run *run, struct stream_options *out)
{
	*out = (struct stream_options){
		.net = run->stream.net,
		.no_delay = true,
		.timeout_ms = run->stream.timeout_ms > 0 ? run->stream.timeout_ms : OPEN_MS,
	};
	out->net.interface = NULL;
	/* "Connected" has to mean that somebody answered. */
	out->net.fastopen = false;
}

static bool set_proxies(const struct serve_run *run, struct gateway_run *own, struct failure *why)
{
	const struct common_proxy_args *a = &run->args->common.proxy;
	struct stream_options *out = &own->options.target;

	if (common_proxy_by_environment(a)) {
		fail(why, FAILURE_USAGE,
		     "-x env: a gateway has many targets; name its proxy: -x URL");
		return false;
	}
	if (a->proxy.count == 0 && (a->auth || a->dns_given || a->noproxy)) {
		fail(why, FAILURE_USAGE, "--%s needs --proxy",
		     a->auth        ? "proxy-auth"
		     : a->dns_given ? "proxy-dns"
				    : "noproxy");
		return false;
	}
	if (!common_proxy_given(&own->chain, a, why))
		return false;
	out->proxies = own->chain.hops;
	out->proxy_count = own->chain.count;
	out->proxy_dns_local = a->dns_given && a->dns == COMMON_PROXY_DNS_LOCAL;
	out->no_proxy = common_proxy_exceptions(a, false);
	return true;
}

static bool use_gateway(struct serve_run *run, struct failure *why)
{
	const struct serve_gateway_args *a = &run->args->gateway;
	struct gateway_run *own = serve_handler_options(run, sizeof(*own));

	own->logins = (struct login_source){ .option = "--gateway-auth", .given = &a->logins };
	if (!login_list_read(&own->logins, why))
		return false;
	run->stream.no_delay = true;
	own->options = (struct gateway_options){
		.http = a->kind != KIND_SOCKS,
		.socks = a->kind != KIND_HTTP,
		.allow_private = a->allow_private,
		.logins = &own->logins.list,
		.server = &run->server,
		.reread = login_list_reread,
		.reread_data = &own->logins,
	};
	set_target(run, &own->options.target);
	run->server.handler = &gateway_handler;
	run->server.reloads = login_list_has_files(&own->logins);
	return set_proxies(run, own, why);
}

static void gateway_done(struct serve_run *run)
{
	struct gateway_run *own = run->handler_options;

	login_list_free(&own->logins);
	common_proxy_free(&own->chain);
}

const struct serve_choice serve_choice_gateway = { "gateway", gateway_asked, use_gateway,
						   gateway_done };
