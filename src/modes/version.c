/* SPDX-License-Identifier: MIT */
/* version.c - what --version says. */
#include <ev.h>
#include <stdio.h>

#include <sockutil/base/failure.h>
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

void version_print(FILE *out)
{
	fprintf(out, "sockutil %s\n", SOCKUTIL_VERSION);
	print_tls(out);
	fprintf(out, "event loop: libev %d.%d\n", ev_version_major(), ev_version_minor());
	fprintf(out, "system: %s\n", version_system());
}
