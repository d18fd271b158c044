/* SPDX-License-Identifier: MIT */
/* What goes in and out of a connection, counted. */
#include <sockutil/base/clock.h>
#include <sockutil/serve/last_words.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/serve/session_parts.h>

static void session_touch(struct session *s)
{
	if (s->server->options->idle_ms > 0)
		s->active_ms = clock_ms();
}

enum io session_read(struct session *s, void *bytes, size_t size, size_t *nread)
{
	struct failure why;
	enum io r;

	why.class = FAILURE_NONE;
	r = stream_read(s->stream, bytes, size, nread, &why);
	if (r == IO_DONE) {
		s->received += *nread;
		session_touch(s);
	} else if (r == IO_END) {
		s->ended = true;
	} else if (r == IO_FAILED) {
		session_fail(s, &why);
	}
	return r;
}

enum io session_offer(struct session *s, const void *bytes, size_t length, size_t *taken)
{
	struct failure why;
	enum io r;

	why.class = FAILURE_NONE;
	r = stream_write(s->stream, bytes, length, taken, &why);
	if (r == IO_DONE) {
		s->sent += *taken;
		session_touch(s);
	} else if (r == IO_FAILED) {
		session_fail(s, &why);
	}
	return r;
}

static enum io session_pass_on(struct session *s)
{
	struct failure why;
	enum io r;

	why.class = FAILURE_NONE;
	r = stream_flush(s->stream, &why);
	s->behind = r == IO_AGAIN;
	if (r == IO_FAILED)
		session_fail(s, &why);
	return r;
}

enum io session_flush(struct session *s)
{
	while (s->out.length > 0) {
		size_t taken = 0;
		const enum io r = session_offer(s, buffer_bytes(&s->out), s->out.length, &taken);

		if (r != IO_DONE)
			return r;
		buffer_take(&s->out, taken);
	}
	return session_pass_on(s);
}

static enum io session_queue(struct session *s, const char *bytes, size_t length)
{
	struct failure why = { 0 };

	if (buffer_add(&s->out, bytes, length))
		return IO_AGAIN;
	fail(&why, FAILURE_OTHER, "out of memory");
	session_fail(s, &why);
	return IO_FAILED;
}

enum io session_write(struct session *s, const void *bytes, size_t length)
{
	const char *rest = bytes;

	if (s->out.length > 0)
		return session_queue(s, rest, length);
	while (length > 0) {
		size_t taken = 0;
		const enum io r = session_offer(s, rest, length, &taken);

		if (r == IO_AGAIN)
			return session_queue(s, rest, length);
		if (r != IO_DONE)
			return r;
		rest += taken;
		length -= taken;
	}
	return session_pass_on(s);
}

void session_say_last(struct session *s, const void *bytes, size_t length, const char *reason)
{
	const int fd = s->out.length == 0 ? stream_raw_fd(s->stream, STREAM_WRITE) : -1;
	const ssize_t taken = fd >= 0 ? last_words_send(fd, bytes, length) : -1;
	const size_t gone = taken > 0 ? (size_t)taken : 0;

	if (gone > 0) {
		stream_moved(s->stream, STREAM_WRITE, gone);
		s->sent += gone;
		session_touch(s);
	}
	/* What is left, and every error, takes the ordinary way. */
	if (gone == length ||
	    session_write(s, (const char *)bytes + gone, length - gone) != IO_FAILED)
		session_finish(s, reason);
}

void session_wait(struct session *s, unsigned sides)
{
	if (s->state == SESSION_RUNNING)
		stream_watch_for(&s->watch, sides);
}
