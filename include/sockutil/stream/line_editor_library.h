/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LINE_EDITOR_LIBRARY_H
#define SOCKUTIL_STREAM_LINE_EDITOR_LIBRARY_H
/* The functions of libedit that the line editor calls, from the library loaded on first use. */
#include <histedit.h>
#include <stdbool.h>

#include <sockutil/base/failure.h>

#define LINE_EDITOR_CALLS(CALL)                                                                    \
	CALL(el_init_fd)                                                                           \
	CALL(el_end)                                                                               \
	CALL(el_source)                                                                            \
	CALL(el_wset)                                                                              \
	CALL(el_wget)                                                                              \
	CALL(el_wgets)                                                                             \
	CALL(el_wgetc)                                                                             \
	CALL(el_wline)                                                                             \
	CALL(el_winsertstr)                                                                        \
	CALL(el_deletestr)                                                                         \
	CALL(el_cursor)                                                                            \
	CALL(history_winit)                                                                        \
	CALL(history_wend)                                                                         \
	CALL(history_w)

struct line_editor_library {
#define CALL(function) __typeof__(&function) function;
	LINE_EDITOR_CALLS(CALL)
#undef CALL
};

/* Its functions may be called once line_editor_available() said so. */
extern struct line_editor_library line_editor_library;

/* FAILURE_USAGE names what is missing. */
bool line_editor_available(struct failure *why);
#endif
