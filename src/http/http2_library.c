/* SPDX-License-Identifier: MIT */
/* src/http/http2_library.c - libnghttp2, loaded on first use. */
#include <sockutil/base/library.h>
#include <sockutil/http/connection.h>
#include <sockutil/http/http2_library.h>

struct http2_library http2_library;

static const char *const names[] = { "libnghttp2.so.14", "libnghttp2.14.dylib", NULL };

static const struct library_symbol symbols[] = {
#define CALL(function) { .name = "nghttp2_" #function, .at = &http2_library.function },
	HTTP2_CALLS(CALL)
#undef CALL
		{ 0 },
};

static struct library library = {
	.purpose = "HTTP/2",
	.names = names,
	.symbols = symbols,
};

bool http2_available(struct failure *why)
{
	return library_load(&library, why);
}
