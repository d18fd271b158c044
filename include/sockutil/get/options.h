/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_OPTIONS_H
#define SOCKUTIL_GET_OPTIONS_H
/* What a fetch is told. Everything is borrowed for the whole run. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/digest.h>
#include <sockutil/get/body.h>
#include <sockutil/get/cookie_jar.h>
#include <sockutil/http/exchange.h>
#include <sockutil/http/pool.h>

/* --resolve HOST:PORT:ADDRESS and --connect-to HOST:PORT:HOST2:PORT2; an empty member of
 * --connect-to fits or changes nothing. */
struct get_route {
	bool connect_to;
	const char *host;
	int port; /* 0: any */
	const char *to_host;
	int to_port; /* 0: the same */
};

enum get_show { GET_SHOW_BODY, GET_SHOW_HEAD_AND_BODY, GET_SHOW_HEAD };

struct get_options {
	/* the request */
	const char *method;                /* -X; NULL: by what is sent */
	const struct http_header *headers; /* -H, valid; an empty value removes one of ours */
	size_t header_count;
	struct get_body *body;       /* NULL: none */
	const char *query;           /* -G: behind the URL's own; NULL */
	const char *user, *password; /* -u: for the origin of the first URL; NULL */
	const char *bearer;          /* NULL */
	const char *netrc;           /* its text; NULL */
	size_t netrc_length;
	const char *user_agent; /* "": none is sent */
	const char *referer;    /* NULL */
	const char *cookies;    /* -b NAME=VALUE…; NULL */
	struct cookie_jar *jar; /* NULL: cookies are not kept */
	const char *range;      /* -r; NULL */
	bool compressed;
	bool upload; /* the body is a file for PUT */

	/* what is shown */
	enum get_show show;
	const char *head_file; /* -D; NULL */

	/* redirects and statuses */
	bool follow;
	int64_t max_redirects;
	bool allow_downgrade;
	bool body_on_error, no_fail;

	/* tries */
	int64_t retries; /* for GET and HEAD, or for all when given */
	bool retry_given;
	int64_t retry_delay_ms; /* 0: 1 s doubling */
	int64_t retry_max_ms;   /* 0: no limit */

	/* the output */
	bool continuing;
	bool newer;                              /* only when newer than the file that is there */
	const char *etag_file;                   /* NULL */
	uint64_t max_size;                       /* 0: none */
	uint64_t min_rate;                       /* bytes a second, 0: none */
	int64_t idle_ms;                         /* 0: none */
	const struct digest_algorithm *checksum; /* NULL: none */
	const char *checksum_text;               /* lower-case hex */

	/* connections */
	const struct get_route *routes;
	size_t route_count;
	const char *unix_socket; /* NULL */
	/* Proxies for http and https URLs; NULL: none. */
	const struct http_way *http_way, *https_way;
	const char *no_proxy; /* hosts that need none (proto/no_proxy.h); NULL */
	unsigned segments;    /* 0, 1: none */
	enum http_version version;
};
#endif
