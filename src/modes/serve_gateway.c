/* SPDX-License-Identifier: MIT */
/* src/modes/serve_gateway.c - `sockutil serve --gateway`: its rows, and its logins. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/modes/common_proxy.h>
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
	struct gateway_login *logins;
	size_t count;
	const struct option_list *given; /* where they came from */
	struct common_proxy_chain chain;
};

static bool gateway_asked(const struct serve_args *a)
{
	return a->gateway.given;
}

/* --- logins --------------------------------------------------------------------------- */

static bool add_login(struct gateway_run *own, const char *text, size_t length, struct failure *why)
{
	struct gateway_login *more;

	if (own->count == LOGINS_MAX) {
		fail(why, FAILURE_USAGE, "more than %d logins", LOGINS_MAX);
		return false;
	}
	/* Not realloc(3): it would leave passwords behind. */
	if ((own->count & (own->count - 1)) == 0) {
		more = memory_zeroed(own->count ? 2 * own->count : 1, sizeof(*more));
		if (own->count > 0)
			memcpy(more, own->logins, own->count * sizeof(*more));
		if (own->logins)
			memory_wipe(own->logins, own->count * sizeof(*more));
		free(own->logins);
		own->logins = more;
	}
	if (!gateway_login_parse(&own->logins[own->count], text, length, why))
		return false;
	own->count++;
	return true;
}

/* One a line; empty lines and those that begin with '#' do not count. */
static bool add_lines(struct gateway_run *own, const char *file, const char *text,
		      struct failure *why)
{
	for (unsigned line = 1; *text; ++line) {
		const size_t whole = strcspn(text, "\n");
		const size_t length = whole > 0 && text[whole - 1] == '\r' ? whole - 1 : whole;
		char where[300];

		if (length > 0 && *text != '#' && !add_login(own, text, length, why)) {
			snprintf(where, sizeof(where), "--gateway-auth: %.200s:%u", file, line);
			fail_at(why, where);
			return false;
		}
		text += whole + (text[whole] == '\n');
	}
	return true;
}

static bool add_file(struct gateway_run *own, const char *file, struct failure *why)
{
	struct buffer text = { 0 };
	const char *lines;
	bool ok = text_input_secret(&text, "--gateway-auth", file, why);

	lines = ok ? buffer_text(&text) : NULL;
	if (ok && (!lines || strlen(lines) != text.length)) {
		fail(why, FAILURE_USAGE, "--gateway-auth: %s is no text", file);
		ok = false;
	}
	ok = ok && add_lines(own, file, lines, why);
	if (text.length > 0)
		memory_wipe(buffer_bytes(&text), text.length);
	buffer_free(&text);
	return ok;
}

static bool add_logins(struct gateway_run *own, const struct option_list *given,
		       struct failure *why)
{
	for (size_t i = 0; i < given->count; ++i) {
		const char *text = given->items[i];

		if (*text == '@') {
			if (!add_file(own, text + 1, why))
				return false;
		} else if (!add_login(own, text, strlen(text), why)) {
			fail_at(why, "--gateway-auth");
			return false;
		}
	}
	/* An empty file must not open the gateway to everyone. */
	if (given->count == 0 || own->count > 0)
		return true;
	fail(why, FAILURE_USAGE, "--gateway-auth: there is no login in %s", given->items[0]);
	return false;
}

static void free_logins(struct gateway_run *own)
{
	if (own->logins)
		memory_wipe(own->logins, own->count * sizeof(*own->logins));
	free(own->logins);
}

/* SIGHUP. */
static bool reread_logins(void *data, struct failure *why)
{
	struct gateway_run *own = data, fresh = { .count = 0 };

	if (!add_logins(&fresh, own->given, why)) {
		free_logins(&fresh);
		return false;
	}
	free_logins(own);
	own->options.logins = own->logins = fresh.logins;
	own->options.login_count = own->count = fresh.count;
	return true;
}

static bool has_files(const struct option_list *given)
{
	for (size_t i = 0; i < given->count; ++i)
		if (*given->items[i] == '@')
			return true;
	return false;
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

	own->given = &a->logins;
	if (!add_logins(own, own->given, why))
		return false;
	run->stream.no_delay = true;
	own->options = (struct gateway_options){
		.http = a->kind != KIND_SOCKS,
		.socks = a->kind != KIND_HTTP,
		.allow_private = a->allow_private,
		.logins = own->logins,
		.login_count = own->count,
		.server = &run->server,
		.reread = reread_logins,
		.reread_data = own,
	};
	set_target(run, &own->options.target);
	run->server.handler = has_files(own->given) ? &gateway_reloading_handler : &gateway_handler;
	return set_proxies(run, own, why);
}

static void gateway_done(struct serve_run *run)
{
	struct gateway_run *own = run->handler_options;

	free_logins(own);
	common_proxy_free(&own->chain);
}

const struct serve_choice serve_choice_gateway = { "gateway", gateway_asked, use_gateway,
						   gateway_done };
