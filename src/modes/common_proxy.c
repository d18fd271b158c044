/* SPDX-License-Identifier: MIT */
/* common_proxy.c - proxies as options and the environment name them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/modes/common_proxy.h>
#include <sockutil/modes/password_prompt.h>
#include <sockutil/modes/text_input.h>

enum { LOGIN_MAX = 2048, CHAIN_MAX = 16 };

bool common_proxy_by_environment(const struct common_proxy_args *args)
{
	return args->proxy.count == 1 && strcmp(args->proxy.items[0], "env") == 0;
}

static bool refuse(struct failure *why, const char *text)
{
	fail(why, FAILURE_USAGE, "%s", text);
	return false;
}

/* --- one proxy ------------------------------------------------------------------ */

static bool add_hop(struct common_proxy_chain *c, const char *text, const char *where,
		    struct failure *why)
{
	struct proxy_url *url = &c->urls[c->count];
	struct proxy_hop *hop = &c->hops[c->count];
	char service[8];

	if (!proxy_url_parse(url, text, why)) {
		fail_at(why, where);
		return false;
	}
	c->count++;
	snprintf(service, sizeof(service), "%d", url->port);
	if (!endpoint_parse_pair(&hop->endpoint, url->host, service, why)) {
		fail_at(why, where);
		return false;
	}
	hop->kind = url->kind;
	if (url->has_user) {
		hop->user = url->user;
		hop->password = url->password;
	}
	return true;
}

static void make_room(struct common_proxy_chain *c, size_t count)
{
	c->hops = memory_zeroed(count, sizeof(*c->hops));
	c->urls = memory_zeroed(count, sizeof(*c->urls));
}

/* --- --proxy-auth ---------------------------------------------------------------- */

/* The text of --proxy-auth or of its file, in c->login. */
static bool read_login(struct common_proxy_chain *c, const char *auth, struct failure *why)
{
	struct buffer text = { 0 };
	size_t length;
	bool ok;

	if (*auth == '@')
		ok = text_input_secret(&text, "--proxy-auth", auth + 1, why);
	else
		ok = buffer_add(&text, auth, strlen(auth));
	length = text.length;
	while (length > 0 && strchr("\r\n", buffer_bytes(&text)[length - 1]))
		length--;
	if (ok && (length == 0 || length > LOGIN_MAX))
		ok = refuse(why, length ? "--proxy-auth: longer than 2048 bytes"
					: "--proxy-auth: no user name");
	if (ok) {
		c->login_room = length + LOGIN_MAX + 2;
		c->login = memory_zeroed(1, c->login_room);
		memcpy(c->login, buffer_bytes(&text), length);
	}
	if (text.length > 0)
		memory_wipe(buffer_bytes(&text), text.length);
	buffer_free(&text);
	return ok;
}

/* "USER:PASSWORD" becomes two texts; a password that is missing is asked for. */
static bool split_login(struct common_proxy_chain *c, const char **password, struct failure *why)
{
	char *colon = strchr(c->login, ':');
	char prompt[120];

	for (const char *at = c->login; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return refuse(why, "--proxy-auth: control characters have no place there");
	if (colon) {
		*colon = '\0';
		*password = colon + 1;
		return true;
	}
	colon = c->login + strlen(c->login);
	*password = colon + 1;
	snprintf(prompt, sizeof(prompt), "password of %.60s at the proxy: ", c->login);
	if (password_prompt(colon + 1, LOGIN_MAX, prompt, why))
		return true;
	fail_at(why, "--proxy-auth without a password");
	return false;
}

/* Which of several proxies may know a password is not guessed. */
static bool add_login(struct common_proxy_chain *c, const char *auth, struct failure *why)
{
	struct proxy_hop *nameless = NULL;
	const char *password;

	for (size_t i = 0; i < c->count; i++) {
		if (c->hops[i].user)
			continue;
		if (nameless)
			return refuse(why, "--proxy-auth is for one proxy: give the others of the "
					   "chain theirs in the URL (user:password@)");
		nameless = &c->hops[i];
	}
	if (!nameless)
		return refuse(why, "--proxy-auth: every proxy has a user in its URL already");
	if (!read_login(c, auth, why) || !split_login(c, &password, why))
		return false;
	nameless->user = c->login;
	nameless->password = password;
	return true;
}

/* --- chains ------------------------------------------------------------------------ */

/* A scheme that says where names are resolved, and an option that says otherwise. */
static bool check_dns(const struct common_proxy_chain *c, const struct common_proxy_args *args,
		      struct failure *why)
{
	for (size_t i = 0; args->dns_given && i < c->count; i++) {
		const enum proxy_kind kind = c->hops[i].kind;

		if (args->dns == COMMON_PROXY_DNS_REMOTE && kind == PROXY_SOCKS4)
			return refuse(why, "--proxy-dns remote: socks4:// has no names; socks4a:// "
					   "has");
		if (args->dns == COMMON_PROXY_DNS_LOCAL &&
		    (kind == PROXY_SOCKS4A || kind == PROXY_SOCKS5H)) {
			fail(why, FAILURE_USAGE,
			     "--proxy-dns local: %s:// resolves at the proxy; %s:// does as told",
			     proxy_url_scheme(kind),
			     proxy_url_scheme(kind == PROXY_SOCKS4A ? PROXY_SOCKS4 : PROXY_SOCKS5));
			return false;
		}
	}
	return true;
}

bool common_proxy_given(struct common_proxy_chain *out, const struct common_proxy_args *args,
			struct failure *why)
{
	*out = (struct common_proxy_chain){ .count = 0 };
	if (args->proxy.count == 0 || common_proxy_by_environment(args))
		return true;
	if (args->proxy.count == 1 && !*args->proxy.items[0])
		return true;
	if (args->proxy.count > CHAIN_MAX)
		return refuse(why, "--proxy: a chain has at most 16 proxies");
	make_room(out, args->proxy.count);
	for (size_t i = 0; i < args->proxy.count; i++) {
		if (strcmp(args->proxy.items[i], "env") == 0 || !*args->proxy.items[i])
			return refuse(why, "--proxy: \"env\" and \"\" stand alone");
		if (!add_hop(out, args->proxy.items[i], "--proxy", why))
			return false;
	}
	if (!check_dns(out, args, why))
		return false;
	return !args->auth || add_login(out, args->auth, why);
}

static const char *variable(const char *const *names, const char **name)
{
	for (; *names; names++) {
		const char *value = getenv(*names);

		*name = *names;
		if (value && *value)
			return value;
	}
	return NULL;
}

bool common_proxy_environment(struct common_proxy_chain *out, const struct common_proxy_args *args,
			      const char *const *names, struct failure *why)
{
	const char *name, *value = variable(names, &name);

	*out = (struct common_proxy_chain){ .count = 0 };
	if (!value)
		return true;
	make_room(out, 1);
	if (!add_hop(out, value, name, why))
		return false;
	return !args->auth || out->hops[0].user || add_login(out, args->auth, why);
}

const char *common_proxy_exceptions(const struct common_proxy_args *args, bool with_environment)
{
	static const char *const names[] = { "no_proxy", "NO_PROXY", NULL };
	const char *name;

	if (args->noproxy || !with_environment)
		return args->noproxy;
	return variable(names, &name);
}

void common_proxy_free(struct common_proxy_chain *chain)
{
	if (chain->login)
		memory_wipe(chain->login, chain->login_room);
	if (chain->urls)
		memory_wipe(chain->urls, chain->count * sizeof(*chain->urls));
	free(chain->login);
	free(chain->urls);
	free(chain->hops);
	*chain = (struct common_proxy_chain){ .count = 0 };
}

/* --- for one endpoint ---------------------------------------------------------------- */

/* As curl looks for them; a wss:// or tls:// endpoint is what https is there. HTTP_PROXY is no
 * variable: a server sets it for a CGI program from a client's "Proxy:" field. */
static const char *const *names_for(const struct endpoint *endpoint, bool encrypted)
{
	static const char *const plain[] = { "all_proxy", "ALL_PROXY", NULL };
	static const char *const web[] = { "http_proxy", "all_proxy", "ALL_PROXY", NULL };
	static const char *const secure[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
					      "ALL_PROXY", NULL };

	return encrypted ? secure : endpoint->scheme == ENDPOINT_WS ? web : plain;
}

static bool check_use(const struct common_proxy_args *args, const struct endpoint *endpoint,
		      struct failure *why)
{
	const char *idle = args->auth        ? "proxy-auth"
			   : args->dns_given ? "proxy-dns"
			   : args->noproxy   ? "noproxy"
					     : NULL;

	if (args->proxy.count == 0 && idle) {
		fail(why, FAILURE_USAGE, "--%s needs --proxy", idle);
		return false;
	}
	if (args->proxy.count > 0 && endpoint->kind != ENDPOINT_INTERNET &&
	    !common_proxy_by_environment(args))
		return refuse(why, "--proxy: a proxy reaches HOST PORT, no other kind of endpoint");
	return true;
}

bool common_proxy_apply(struct common_proxy_chain *chain, const struct common_proxy_args *args,
			const struct endpoint *endpoint, bool encrypted, struct stream_options *out,
			struct failure *why)
{
	const bool environment = common_proxy_by_environment(args);

	*chain = (struct common_proxy_chain){ .count = 0 };
	if (!check_use(args, endpoint, why))
		return false;
	if (environment
		    ? !common_proxy_environment(chain, args, names_for(endpoint, encrypted), why)
		    : !common_proxy_given(chain, args, why))
		return false;
	out->proxies = chain->hops;
	out->proxy_count = chain->count;
	out->proxy_dns_local = args->dns_given && args->dns == COMMON_PROXY_DNS_LOCAL;
	out->no_proxy = common_proxy_exceptions(args, environment);
	return true;
}
