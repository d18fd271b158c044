/* SPDX-License-Identifier: MIT */
/* tls_load_builtin.c - TLS linked into the program. */
#include <sockutil/stream/tls.h>
#include <sockutil/stream/tls/tls_api.h>

const struct tls_api *tls_load(struct failure *why)
{
	(void)why;
	return &sockutil_tls_api;
}

const char *tls_kind(void)
{
	return "built in";
}
