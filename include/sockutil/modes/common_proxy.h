/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_COMMON_PROXY_H
#define SOCKUTIL_MODES_COMMON_PROXY_H
/* What common_proxy_rows ask for, made into chains of proxies. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/modes/common_options.h>
#include <sockutil/proto/proxy_url.h>
#include <sockutil/stream/open.h>

enum common_proxy_dns { COMMON_PROXY_DNS_REMOTE, COMMON_PROXY_DNS_LOCAL };

/* hops borrow from urls and login; zeroed: no proxies. */
struct common_proxy_chain {
	struct proxy_hop *hops;
	struct proxy_url *urls;
	size_t count;
	char *login; /* of --proxy-auth: name and password, each with its NUL */
	size_t login_room;
};

/* Whether -x says that the environment decides. */
bool common_proxy_by_environment(const struct common_proxy_args *args);

/* The chain of every -x; none for -x "" and for common_proxy_by_environment(). FAILURE_USAGE (a
 * URL,
 * --proxy-auth and --proxy-dns that fit none), FAILURE_INPUT. In any case common_proxy_free(). */
bool common_proxy_given(struct common_proxy_chain *out, const struct common_proxy_args *args,
			struct failure *why);

/* The one proxy that the first set variable of names (ends with NULL) has; none when there is none.
 */
bool common_proxy_environment(struct common_proxy_chain *out, const struct common_proxy_args *args,
			      const char *const *names, struct failure *why);

/* --noproxy, else with_environment no_proxy or NO_PROXY; NULL: no list. */
const char *common_proxy_exceptions(const struct common_proxy_args *args, bool with_environment);

/* All of this for a mode that goes to one endpoint: puts it into *out. encrypted: TLS to the
 * endpoint. FAILURE_USAGE, too, for an option that means nothing here. */
bool common_proxy_apply(struct common_proxy_chain *chain, const struct common_proxy_args *args,
			const struct endpoint *endpoint, bool encrypted, struct stream_options *out,
			struct failure *why);

/* Wipes what is secret. */
void common_proxy_free(struct common_proxy_chain *chain);
#endif
