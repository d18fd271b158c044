/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTML_TEXT_H
#define SOCKUTIL_PROTO_HTML_TEXT_H
/* Text of others in a page. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>

/* Appends text so that a browser shows it and nothing more, between tags and in quoted attributes:
 * & < > " ' as references; controls, marks and overrides of direction, invisible characters and
 * what is not UTF-8 as U+FFFD. False when memory is short. */
bool html_text_add(struct buffer *out, const char *text, size_t length);
#endif
