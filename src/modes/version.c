/* SPDX-License-Identifier: MIT */
/* version.c - what --version says. */
#include <ev.h>
#include <stdio.h>

#include <sockutil/base/failure.h>
#include <sockutil/get/public_suffix.h>
#include <sockutil/http/coding.h>
#include <sockutil/http/connection.h>
#include <sockutil/modes/version.h>
#include <sockutil/stream/tls.h>

static void print_tls(FILE *out)
{
	struct failure why;
	const struct tls_api *tls = tls_load(&why);

	if (tls)
		fprintf(out, "TLS: %s (%s)\n", tls->library(), tls_kind());
	else
		fprintf(out, "TLS: none (%s)\n", why.text);
}

/* What libraries loaded on use bring, if they are here. */
static void print_http(FILE *out)
{
	struct failure why;
	const char *codings = coding_accepted();

	fprintf(out, "HTTP/2: %s\n", http2_available(&why) ? "libnghttp2" : why.text);
	fprintf(out, "content codings: %s\n", *codings ? codings : "none");
	fprintf(out, "public suffixes: %s\n",
		public_suffix_of("co.uk") == PUBLIC_SUFFIX_YES ? "libpsl" : "none");
}

void version_print(FILE *out)
{
	fprintf(out, "sockutil %s\n", SOCKUTIL_VERSION);
	print_tls(out);
	print_http(out);
	fprintf(out, "event loop: libev %d.%d\n", ev_version_major(), ev_version_minor());
	fprintf(out, "system: %s\n", version_system());
}
