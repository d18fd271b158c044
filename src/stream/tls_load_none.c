/* SPDX-License-Identifier: MIT */
/* tls_load_none.c - a build without TLS. */
#include <sockutil/stream/tls.h>

const struct tls_api *tls_load(struct failure *why)
{
	fail(why, FAILURE_USAGE, "this build has no TLS");
	return NULL;
}

const char *tls_kind(void)
{
	return "none";
}
