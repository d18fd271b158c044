/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_PROXY_URL_H
#define SOCKUTIL_PROTO_PROXY_URL_H
/* Where a proxy is and what it speaks, as -x and the environment have it. */
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/url.h>

enum proxy_kind {
	PROXY_HTTP,
	PROXY_HTTPS, /* HTTP inside TLS */
	PROXY_SOCKS4,
	PROXY_SOCKS4A,
	PROXY_SOCKS5,
	PROXY_SOCKS5H
};

/* Every string is NUL-terminated and has no control character. */
struct proxy_url {
	enum proxy_kind kind;
	char host[URL_HOST_MAX]; /* as in struct url */
	int port;                /* 1-65535; 1080 unless given, 443 for https (as curl has it) */
	bool has_user, has_password;
	char user[URL_USER_MAX];
	char password[URL_PASSWORD_MAX];
};

/*
 * "[SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/]", percent signs in user and password decoded;
 * without a scheme it is http. FAILURE_USAGE names what is wrong without showing user or password.
 */
bool proxy_url_parse(struct proxy_url *out, const char *text, struct failure *why);

/* "socks5h": the scheme of a kind. */
const char *proxy_url_scheme(enum proxy_kind kind);
#endif
