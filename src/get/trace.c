/* SPDX-License-Identifier: MIT */
/* trace.c - what is said both ways, as text, without secrets. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/get/trace.h>

/* A longer line is cut: nobody reads it, and a peer could fill the disk. */
enum { LINE_MOST = 8192 };

struct trace {
	int fd;
	bool standard; /* output: not ours to close */
	char *name;
};

/* --- lines --------------------------------------------------------------------- */

static bool is_secret(const char *name, size_t length)
{
	static const char *const names[] = {
		"Authorization",
		"Proxy-Authorization",
		"Cookie",
		"Set-Cookie",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == length && strncasecmp(names[i], name, length) == 0)
			return true;
	return false;
}

static bool add_masked(struct buffer *out, const char *text, size_t length)
{
	bool cut = length > LINE_MOST;
	size_t kept = cut ? LINE_MOST : length, needed = log_mask(NULL, 0, text, kept);
	char *room = buffer_reserve(out, needed + 1);

	if (!room)
		return false;
	log_mask(room, needed + 1, text, kept);
	buffer_commit(out, needed);
	return !cut || buffer_add(out, "...", 3);
}

static bool add_start(struct buffer *out, const struct trace_source *source, char sign)
{
	if (source->number && !buffer_format(out, "[%u] ", source->number))
		return false;
	return buffer_add(out, &sign, 1) && buffer_add(out, " ", 1);
}

static bool add_line(struct buffer *out, const struct trace_source *source, bool sent,
		     const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);
	size_t name = colon ? (size_t)(colon - line) : 0;

	if (!add_start(out, source, sent ? '>' : '<'))
		return false;
	if (colon && is_secret(line, name))
		return add_masked(out, line, name) && buffer_add(out, ": ***\n", 6);
	return add_masked(out, line, length) && buffer_add(out, "\n", 1);
}

static bool add_head(struct buffer *out, const struct trace_source *source, bool sent,
		     const char *bytes, size_t length)
{
	const char *end = bytes + length;

	while (bytes < end) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		const char *next = newline ? newline + 1 : end;
		size_t line = (size_t)((newline ? newline : end) - bytes);

		if (newline && line > 0 && bytes[line - 1] == '\r')
			line--;
		if (!add_line(out, source, sent, bytes, line))
			return false;
		bytes = next;
	}
	return true;
}

static bool add_count(struct buffer *out, const struct trace_source *source, char sign,
		      uint64_t *count)
{
	bool good = !*count || (add_start(out, source, sign) &&
				buffer_format(out, "%" PRIu64 " bytes\n", *count));

	*count = 0;
	return good;
}

bool trace_format_end(struct buffer *out, struct trace_source *source)
{
	return add_count(out, source, '}', &source->sent) &&
	       add_count(out, source, '{', &source->received);
}

bool trace_format(struct buffer *out, struct trace_source *source, bool sent, const char *bytes,
		  size_t length)
{
	if (!bytes) {
		*(sent ? &source->sent : &source->received) += length;
		return true;
	}
	return trace_format_end(out, source) && add_head(out, source, sent, bytes, length);
}

/* --- where they go ---------------------------------------------------------------- */

struct trace *trace_open(const char *file, struct failure *why)
{
	bool standard = strcmp(file, "-") == 0;
	int fd = STDOUT_FILENO;
	struct trace *t;

	if (!standard)
		fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0) {
		fail_errno(why, FAILURE_OUTPUT, errno, "--trace: %s", file);
		return NULL;
	}
	t = memory_zeroed(1, sizeof(*t));
	t->fd = fd;
	t->standard = standard;
	t->name = memory_string(standard ? "standard output" : file);
	return t;
}

static bool write_failed(const struct trace *t, int error, struct failure *why)
{
	if (error == EPIPE && t->standard)
		fail(why, FAILURE_READER_GONE, "the reader of standard output is gone");
	else
		fail_errno(why, FAILURE_OUTPUT, error, "--trace: %s", t->name);
	return false;
}

static bool write_all(const struct trace *t, const char *bytes, size_t length, struct failure *why)
{
	while (length > 0) {
		ssize_t n = write(t->fd, bytes, length);
		struct pollfd room = { .fd = t->fd, .events = POLLOUT };

		if (n >= 0) {
			bytes += n;
			length -= (size_t)n;
		} else if (errno == EAGAIN) {
			poll(&room, 1, -1);
		} else if (errno != EINTR) {
			return write_failed(t, errno, why);
		}
	}
	return true;
}

static bool write_out(struct trace *t, struct buffer *text, bool formatted, struct failure *why)
{
	bool good = formatted && write_all(t, buffer_bytes(text), text->length, why);

	if (!formatted)
		fail(why, FAILURE_OTHER, "out of memory for --trace");
	buffer_free(text);
	return good;
}

bool trace_add(struct trace *t, struct trace_source *source, bool sent, const char *bytes,
	       size_t length, struct failure *why)
{
	struct buffer text = { 0 };

	return write_out(t, &text, trace_format(&text, source, sent, bytes, length), why);
}

bool trace_end(struct trace *t, struct trace_source *source, struct failure *why)
{
	struct buffer text = { 0 };

	return write_out(t, &text, trace_format_end(&text, source), why);
}

bool trace_close(struct trace *t, struct failure *why)
{
	bool good = true;

	if (!t)
		return true;
	if (!t->standard && close(t->fd) < 0) {
		fail_errno(why, FAILURE_OUTPUT, errno, "--trace: %s", t->name);
		good = false;
	}
	free(t->name);
	free(t);
	return good;
}
