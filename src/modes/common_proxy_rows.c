/* SPDX-License-Identifier: MIT */
/* common_proxy_rows.c - the rows of the options about proxies. */
#include <stddef.h>

#include <sockutil/modes/common_options.h>

#define AT(field) offsetof(struct common_options, field)

static const char *const dns_places[] = { "remote", "local", NULL };

const struct option_row common_proxy_rows[] = {
	{
		.name = "proxy",
		.letter = 'x',
		.arg = "URL",
		.type = OPTION_LIST,
		.at = AT(proxy.proxy),
		.group = "proxies",
		.help = "go through this proxy; repeat for a chain",
		.example = "-x socks5h://127.0.0.1:1080 {address}",
		.common = true,
		.secret = true,
	},
	{
		.name = "proxy-auth",
		.arg = "@FILE|USER:PASSWORD",
		.type = OPTION_TEXT,
		.at = AT(proxy.auth),
		.group = "proxies",
		.help = "who we are for the proxy that has no user in its URL",
		.example = "-x http://127.0.0.1:3128 --proxy-auth @login.txt {address}",
		.secret = true,
	},
	{
		.name = "proxy-dns",
		.arg = "WHERE",
		.type = OPTION_CHOICE,
		.at = AT(proxy.dns),
		.given_at = AT(proxy.dns_given),
		.choices = dns_places,
		.fallback_text = "remote, but for socks4",
		.group = "proxies",
		.help = "who resolves names: the proxy, or we",
		.example = "-x socks5://127.0.0.1:1080 --proxy-dns local {address}",
	},
	{
		.name = "noproxy",
		.arg = "LIST",
		.type = OPTION_TEXT,
		.at = AT(proxy.noproxy),
		.group = "proxies",
		.help = "hosts to reach directly: names, .suffixes, addresses, CIDR, each with "
			":PORT "
			"or without; *",
		.example = "-x env --noproxy localhost,10.0.0.0/8 {address}",
	},
	{ 0 },
};
