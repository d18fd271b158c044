/* SPDX-License-Identifier: MIT */
/* src/stream/line_editor_library.c - libedit, loaded on first use. */
#include <sockutil/base/library.h>
#include <sockutil/stream/line_editor_library.h>

struct line_editor_library line_editor_library;

static const char *const names[] = {
	"libedit.so.2", "libedit.so.0", "libedit.3.dylib", "libedit.dylib", NULL,
};

static const struct library_symbol symbols[] = {
#define CALL(function) { .name = #function, .at = &line_editor_library.function },
	LINE_EDITOR_CALLS(CALL)
#undef CALL
		{ 0 },
};

static struct library library = {
	.purpose = "line editing",
	.names = names,
	.symbols = symbols,
};

bool line_editor_available(struct failure *why)
{
	return library_load(&library, why);
}
