/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_LOG_H
#define SOCKUTIL_BASE_LOG_H
/*
 * The only writer to standard error (and to --log-file). Every text that passes is masked: control
 * characters (C0, DEL, C1), bidi overrides, U+2028/9 and bytes that are not UTF-8 come out as \xNN
 * or \u{NNNN}, so what a peer sends can neither forge a line nor steer a terminal. One message is
 * one line.
 *
 *   text:  sockutil serve: connected from 127.0.0.1:4711
 *          sockutil serve: warning: the key file is readable by others
 *   JSON:  {"time":"2026-11-21T09:00:00.123Z","level":"notice","event":"connected",
 *           "command":"serve","message":"connected from 127.0.0.1:4711","peer":"127.0.0.1:4711"}
 *
 * A message is cut at 4096 bytes, a JSON member at 512. What cannot be written is dropped; a full
 * non-blocking standard error is waited for, one second at most. No memory is allocated.
 *
 * Single-threaded: only the main thread of a process logs.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>

enum log_level {
	LOG_LEVEL_ERROR,   /* always shown */
	LOG_LEVEL_WARNING, /* silenced by --quiet */
	LOG_LEVEL_NOTICE,  /* what a server says by default; silenced by --quiet */
	LOG_LEVEL_INFO,    /* -v */
	LOG_LEVEL_DEBUG,   /* -v -v */
};

enum log_color { LOG_COLOR_AUTO, LOG_COLOR_ALWAYS, LOG_COLOR_NEVER };

struct log_options {
	const char *command; /* "serve"; borrowed for good; NULL: "sockutil" alone */
	const char *file; /* --log-file: appended to, created 0644; NULL or "-": standard error */
	enum log_color color;
	enum log_level level; /* messages up to this one are shown; LOG_LEVEL_NOTICE unless said */
	bool json;
	bool batched; /* lines wait in a buffer (64 KiB at most) until log_flush(): for servers,
			 which flush before each sleep of their loop. Errors always flush at once.
		       */
};

/* May be called again (a mode knows its options later than main). Fails only on --log-file (23). */
bool log_open(const struct log_options *options, struct failure *why);

bool log_shows(enum log_level level);

/* One named fact of an event: appears as a JSON member, and in the text only if the message says
 * it. */
struct log_field {
	const char *key;
	enum { LOG_FIELD_TEXT, LOG_FIELD_INTEGER, LOG_FIELD_REAL } kind;
	const char *text; /* NULL: JSON null */
	int64_t integer;
	double real;
};

/* Fields as they stand in an array of them. */
#define LOG_TEXT(name, value)                                                                      \
	{                                                                                          \
		.key = (name), .kind = LOG_FIELD_TEXT, .text = (value)                             \
	}
#define LOG_INTEGER(name, value)                                                                   \
	{                                                                                          \
		.key = (name), .kind = LOG_FIELD_INTEGER, .integer = (int64_t)(value)              \
	}

/* event: lower-case name of a kind of event ("listening", "connected", "closed"). */
void log_event(enum log_level level, const char *event, const struct log_field *fields,
	       size_t count, const char *format, ...) __attribute__((format(printf, 5, 6)));

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Shows a failure as an error (FAILURE_READER_GONE is silent, as SIGPIPE would be) and returns the
 * exit status of its class. JSON adds "status" and "class". Nothing is shown for FAILURE_NONE. */
int log_failure(const struct failure *why);

/* Text that is already laid out: help, --stats tables, certificates. Masked, but newlines and tabs
 * kept; shown whatever the level. In JSON each line is an object of its own (event "text"). */
void log_block(const char *text, size_t length);

/* Bytes for a terminal that are not a message (a progress bar): written as they are, at once. */
void log_terminal(const char *bytes, size_t length);

/* Called before a message is written, to clear a progress bar from the line; NULL: none. */
void log_before_message(void (*clear)(void *data), void *data);

/* What goes to standard error goes to take instead, whole lines of messages at once: for who holds
 * the terminal that it is. NULL: no longer. */
void log_through(void (*take)(void *data, const char *bytes, size_t length), void *data);

void log_flush(void);

/* Writes source masked into out (NUL-terminated, cut at size); returns the length it needed. */
size_t log_mask(char *out, size_t size, const char *source, size_t length);
#endif
