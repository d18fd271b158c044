/* SPDX-License-Identifier: MIT */
/*
 * log.c - the only writer to standard error and to --log-file. Lines are made in one static buffer:
 * logging needs no memory, so it works when there is none.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/utf8.h>

#define BATCH_MOST   (64 * 1024)
#define MESSAGE_MOST 4096 /* bytes of a message, before masking makes up to four of each */
#define FIELD_MOST   512
#define ESCAPE_MOST  sizeof "\\u{10ffff}"
#define STALLED_MS   1000 /* how long a non-blocking standard error may be full */

static struct {
	struct log_options options;
	int fd;
	bool color;
	void (*clear)(void *data);
	void *clear_data;
	bool clearing;
	void (*take)(void *data, const char *bytes, size_t length); /* instead of standard error */
	void *taker;
	char pending[BATCH_MOST];
	size_t used;
	size_t line; /* where the line being made starts in pending */
	bool full;   /* the line being made did not fit */
} writer = {
	.options.level = LOG_LEVEL_NOTICE,
	.fd = STDERR_FILENO,
};

/* --- writing --------------------------------------------------------------- */

/* False when the descriptor stays full: somebody's terminal or pipe is held up, and we are not. */
static bool writable(int fd, int64_t deadline)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	int64_t left;

	while ((left = deadline - clock_ms()) > 0) {
		int ready = poll(&wait, 1, (int)left);

		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return false;
	}
	return false;
}

/* There is nowhere to report that reporting failed: what cannot be written is dropped. */
static void write_all(int fd, const char *bytes, size_t length)
{
	int64_t deadline = 0;
	int kept = errno;

	while (length) {
		ssize_t count = write(fd, bytes, length);

		if (count >= 0) {
			bytes += count;
			length -= (size_t)count;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (!deadline)
				deadline = clock_ms() + STALLED_MS;
			if (!writable(fd, deadline))
				break;
		} else if (errno != EINTR) {
			break;
		}
	}
	errno = kept;
}

static void write_to(int fd, const char *bytes, size_t length)
{
	if (writer.take && fd == STDERR_FILENO)
		writer.take(writer.taker, bytes, length);
	else
		write_all(fd, bytes, length);
}

/* The first length bytes of what is pending. */
static void write_pending(size_t length)
{
	if (!length)
		return;
	if (writer.clear && !writer.clearing && writer.fd == STDERR_FILENO) {
		writer.clearing = true;
		writer.clear(writer.clear_data);
		writer.clearing = false;
	}
	write_to(writer.fd, writer.pending, length);
	memmove(writer.pending, writer.pending + length, writer.used - length);
	writer.used -= length;
	writer.line -= length;
}

void log_flush(void)
{
	write_pending(writer.used);
}

void log_terminal(const char *bytes, size_t length)
{
	if (!writer.clearing)
		log_flush();
	write_to(STDERR_FILENO, bytes, length);
}

void log_before_message(void (*clear)(void *data), void *data)
{
	writer.clear = clear;
	writer.clear_data = data;
}

void log_through(void (*take)(void *data, const char *bytes, size_t length), void *data)
{
	log_flush();
	writer.take = take;
	writer.taker = data;
}

/* --- making a line --------------------------------------------------------- */

static void line_begin(void)
{
	writer.line = writer.used;
	writer.full = false;
}

static void line_add(const char *bytes, size_t length)
{
	if (writer.full)
		return;
	/* Whole lines leave to make room; this one stays together. One byte is kept for its
	 * newline. */
	if (writer.used + length >= sizeof writer.pending)
		write_pending(writer.line);
	if (writer.used + length >= sizeof writer.pending) {
		writer.full = true;
		return;
	}
	memcpy(writer.pending + writer.used, bytes, length);
	writer.used += length;
}

static void line_text(const char *text)
{
	line_add(text, strlen(text));
}

static void line_end(enum log_level level)
{
	writer.pending[writer.used++] = '\n';
	writer.line = writer.used;
	if (!writer.options.batched || level == LOG_LEVEL_ERROR)
		log_flush();
}

/* --- masking --------------------------------------------------------------- */

static bool forges(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || /* C0, DEL, C1 */
	       point == 0x2028 || point == 0x2029 ||              /* line and paragraph separator */
	       (point >= 0x202a && point <= 0x202e) || /* bidi embeddings and overrides */
	       (point >= 0x2066 && point <= 0x2069);   /* bidi isolates */
}

/* How one character is shown: itself, or its escape in escape. */
struct glyph {
	char escape[ESCAPE_MOST];
	const char *bytes;
	size_t length;
	size_t consumed; /* of the source */
};

static void glyph_next(struct glyph *glyph, const char *source, size_t length, const char *kept)
{
	uint32_t point = 0;
	size_t count = utf8_decode(source, length, &point);
	int written;

	glyph->consumed = count ? count : 1;
	if (count && (!forges(point) || (count == 1 && *source && strchr(kept, *source)))) {
		glyph->bytes = source;
		glyph->length = count;
		return;
	}
	if (count > 1)
		written =
			snprintf(glyph->escape, sizeof glyph->escape, "\\u{%04x}", (unsigned)point);
	else
		written = snprintf(glyph->escape, sizeof glyph->escape, "\\x%02x",
				   (unsigned)(unsigned char)*source);
	glyph->bytes = glyph->escape;
	glyph->length = (size_t)written;
}

size_t log_mask(char *out, size_t size, const char *source, size_t length)
{
	struct glyph glyph;
	size_t needed = 0, end = 0;

	for (size_t at = 0; at < length; at += glyph.consumed) {
		glyph_next(&glyph, source + at, length - at, "");
		/* Nothing goes behind the first glyph that did not fit, and none is torn. */
		if (end == needed && needed + glyph.length < size) {
			memcpy(out + end, glyph.bytes, glyph.length);
			end += glyph.length;
		}
		needed += glyph.length;
	}
	if (size)
		out[end] = '\0';
	return needed;
}

/* How many bytes in front are shown as they are in both forms: nearly all of nearly every message.
 */
static size_t plain_run(const char *source, size_t length)
{
	size_t count = 0;

	while (count < length && source[count] >= 0x20 && source[count] < 0x7f &&
	       source[count] != '"' && source[count] != '\\')
		count++;
	return count;
}

static void line_masked(const char *source, size_t length, const char *kept)
{
	struct glyph glyph;

	for (size_t at = 0; at < length; at += glyph.consumed) {
		size_t plain = plain_run(source + at, length - at);

		line_add(source + at, plain);
		at += plain;
		if (at == length)
			break;
		glyph_next(&glyph, source + at, length - at, kept);
		/* Our own escapes begin with a backslash too. */
		if (writer.options.json && (*glyph.bytes == '"' || *glyph.bytes == '\\'))
			line_add("\\", 1);
		line_add(glyph.bytes, glyph.length);
	}
}

/* --- the two forms of a line ----------------------------------------------- */

static const struct {
	const char *name;
	const char *prefix;
	const char *color;
} levels[] = {
	[LOG_LEVEL_ERROR] = { .name = "error", .prefix = "", .color = "\033[31m" },
	[LOG_LEVEL_WARNING] = { .name = "warning", .prefix = "warning: ", .color = "\033[33m" },
	[LOG_LEVEL_NOTICE] = { .name = "notice", .prefix = "" },
	[LOG_LEVEL_INFO] = { .name = "info", .prefix = "" },
	[LOG_LEVEL_DEBUG] = { .name = "debug", .prefix = "" },
};

static void text_line(enum log_level level, const char *message, size_t length)
{
	const char *color = writer.color ? levels[level].color : NULL;

	line_begin();
	if (color)
		line_text(color);
	line_text("sockutil");
	if (writer.options.command) {
		line_text(" ");
		line_text(writer.options.command);
	}
	line_text(": ");
	line_text(levels[level].prefix);
	if (color)
		line_text("\033[0m");
	line_masked(message, length, "");
	line_end(level);
}

static void member_string(const char *text, size_t length)
{
	line_text("\"");
	line_masked(text, length, "");
	line_text("\"");
}

static void member_text(const char *key, const char *text)
{
	line_text(",\"");
	line_text(key);
	line_text("\":");
	if (text)
		member_string(text, utf8_cut(text, strlen(text), FIELD_MOST));
	else
		line_text("null");
}

static void member_number(const struct log_field *field)
{
	char text[64];

	if (field->kind == LOG_FIELD_INTEGER)
		snprintf(text, sizeof text, "%lld", (long long)field->integer);
	else if (isfinite(field->real))
		snprintf(text, sizeof text, "%.15g", field->real);
	else
		snprintf(text, sizeof text, "null");
	line_text(",\"");
	line_text(field->key);
	line_text("\":");
	line_text(text);
}

static void members(const struct log_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t kept = writer.used - writer.line;

		if (fields[i].kind == LOG_FIELD_TEXT)
			member_text(fields[i].key, fields[i].text);
		else
			member_number(&fields[i]);
		/* A member that does not fit is left out whole: the line stays an object. The one
		 * byte is for the brace. */
		if (writer.full || writer.used + 1 >= sizeof writer.pending)
			writer.used = writer.line + kept;
		writer.full = false;
	}
}

static void json_line(enum log_level level, const char *event, const struct log_field *fields,
		      size_t count, const char *message, size_t length)
{
	char now[25];

	line_begin();
	line_text("{\"time\":\"");
	line_text(clock_iso8601(now));
	line_text("\"");
	member_text("level", levels[level].name);
	member_text("event", event);
	member_text("command", writer.options.command);
	line_text(",\"message\":");
	member_string(message, length);
	members(fields, count);
	line_text("}");
	line_end(level);
}

static void emit(enum log_level level, const char *event, const struct log_field *fields,
		 size_t count, const char *message, size_t length)
{
	if (writer.options.json)
		json_line(level, event, fields, count, message, length);
	else
		text_line(level, message, length);
}

__attribute__((format(printf, 5, 0))) static void
emit_format(enum log_level level, const char *event, const struct log_field *fields, size_t count,
	    const char *format, va_list arguments)
{
	/* Three bytes more than are kept, so that a character at the cut is seen whole. */
	char message[MESSAGE_MOST + 4];

	if (!log_shows(level))
		return;
	if (vsnprintf(message, sizeof message, format, arguments) < 0)
		message[0] = '\0';
	emit(level, event, fields, count, message,
	     utf8_cut(message, strlen(message), MESSAGE_MOST));
}

/* --- what the others call -------------------------------------------------- */

static bool wants_color(enum log_color color, int fd)
{
	const char *refused = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if (color != LOG_COLOR_AUTO)
		return color == LOG_COLOR_ALWAYS;
	return isatty(fd) && !(refused && *refused) && !(terminal && !strcmp(terminal, "dumb"));
}

bool log_open(const struct log_options *options, struct failure *why)
{
	int fd = STDERR_FILENO;

	log_flush();
	if (options->file && strcmp(options->file, "-")) {
		fd = open(options->file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
			  0644);
		if (fd < 0) {
			fail_errno(why, FAILURE_OUTPUT, errno, "cannot open log file %s",
				   options->file);
			return false;
		}
	}
	if (writer.fd != STDERR_FILENO)
		close(writer.fd);
	writer.fd = fd;
	writer.options = *options;
	writer.options.file = NULL; /* only the command is borrowed for longer than this call */
	writer.color = wants_color(options->color, fd);
	return true;
}

bool log_shows(enum log_level level)
{
	return level == LOG_LEVEL_ERROR || level <= writer.options.level;
}

void log_event(enum log_level level, const char *event, const struct log_field *fields,
	       size_t count, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	emit_format(level, event, fields, count, format, arguments);
	va_end(arguments);
}

#define DEFINE_LEVEL(function, level)                                                              \
	void function(const char *format, ...)                                                     \
	{                                                                                          \
		va_list arguments;                                                                 \
                                                                                                   \
		va_start(arguments, format);                                                       \
		emit_format(level, "message", NULL, 0, format, arguments);                         \
		va_end(arguments);                                                                 \
	}

DEFINE_LEVEL(log_error, LOG_LEVEL_ERROR)
DEFINE_LEVEL(log_warning, LOG_LEVEL_WARNING)
DEFINE_LEVEL(log_notice, LOG_LEVEL_NOTICE)
DEFINE_LEVEL(log_info, LOG_LEVEL_INFO)
DEFINE_LEVEL(log_debug, LOG_LEVEL_DEBUG)

int log_failure(const struct failure *why)
{
	int status = failure_status(why->class);
	const struct log_field fields[] = {
		{ .key = "status", .kind = LOG_FIELD_INTEGER, .integer = status },
		{ .key = "class", .kind = LOG_FIELD_TEXT, .text = failure_name(why->class) },
	};

	if (why->class != FAILURE_NONE && why->class != FAILURE_READER_GONE)
		emit(LOG_LEVEL_ERROR, "failure", fields, 2, why->text,
		     strnlen(why->text, sizeof why->text));
	return status;
}

/* A piece of one line of a block; whole: its newline stood behind it. */
static void block_piece(const char *text, size_t length, bool whole)
{
	if (writer.options.json) {
		json_line(LOG_LEVEL_NOTICE, "text", NULL, 0, text, length);
		return;
	}
	line_begin();
	line_masked(text, length, "\t");
	if (whole)
		line_text("\n");
}

void log_block(const char *text, size_t length)
{
	while (length) {
		const char *newline = memchr(text, '\n', length);
		size_t line = newline ? (size_t)(newline - text) : length;
		size_t piece = utf8_cut(text, line, MESSAGE_MOST);
		bool whole = newline && piece == line;

		block_piece(text, piece, whole);
		text += piece + whole;
		length -= piece + whole;
	}
	if (!writer.options.batched)
		log_flush();
}
