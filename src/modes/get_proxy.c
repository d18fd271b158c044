/* SPDX-License-Identifier: MIT */
/* src/modes/get_proxy.c - which proxies lead to http and https URLs. */
#include <sockutil/modes/get.h>

enum { FOR_HTTP, FOR_HTTPS };

/* As curl has it: HTTP_PROXY is no variable, since a server sets it for a CGI program from a
 * client's "Proxy:" field. */
static const char *const http_names[] = { "http_proxy", "all_proxy", "ALL_PROXY", NULL };
static const char *const https_names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
					   NULL };

static const struct http_way *way_of(struct get_setup *s, int of)
{
	s->ways[of] = (struct http_way){
		.hops = s->proxies[of].hops,
		.count = s->proxies[of].count,
	};
	return s->ways[of].count > 0 ? &s->ways[of] : NULL;
}

bool get_proxy_add(struct get_setup *s, const struct get_args *a, struct failure *why)
{
	const struct common_proxy_args *args = &a->common.proxy;

	if (a->unix_socket)
		return true;
	s->options.no_proxy = common_proxy_exceptions(args, true);
	if (args->proxy.count > 0 && !common_proxy_by_environment(args)) {
		if (!common_proxy_given(&s->proxies[FOR_HTTP], args, why))
			return false;
		s->options.http_way = s->options.https_way = way_of(s, FOR_HTTP);
		return true;
	}
	if (!common_proxy_environment(&s->proxies[FOR_HTTP], args, http_names, why) ||
	    !common_proxy_environment(&s->proxies[FOR_HTTPS], args, https_names, why))
		return false;
	s->options.http_way = way_of(s, FOR_HTTP);
	s->options.https_way = way_of(s, FOR_HTTPS);
	return true;
}

void get_proxy_free(struct get_setup *s)
{
	common_proxy_free(&s->proxies[FOR_HTTP]);
	common_proxy_free(&s->proxies[FOR_HTTPS]);
}
