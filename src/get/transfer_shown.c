/* SPDX-License-Identifier: MIT */
/* src/get/transfer_shown.c - heads for people: -i and -I to standard output, -D to a file. */
#include <stdlib.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/get/transfer_parts.h>

/* A peer's bytes must not steer a terminal. */
static bool add_text(struct buffer *out, const char *bytes, size_t length, bool masked)
{
	char *room;
	size_t size;

	if (!masked)
		return buffer_add(out, bytes, length);
	size = log_mask(NULL, 0, bytes, length) + 1;
	room = buffer_reserve(out, size);
	if (!room)
		return false;
	log_mask(room, size, bytes, length);
	buffer_commit(out, size - 1);
	return true;
}

static bool add_head(struct buffer *out, const struct http_head *head, bool masked)
{
	bool ok = head->major >= 2 ? buffer_format(out, "HTTP/%d %d", head->major, head->status)
				   : buffer_format(out, "HTTP/%d.%d %d", head->major, head->minor,
						   head->status);

	if (ok && head->reason_length > 0)
		ok = buffer_add(out, " ", 1) &&
		     add_text(out, head->reason, head->reason_length, masked);
	ok = ok && buffer_add(out, "\r\n", 2);
	for (size_t i = 0; ok && i < head->field_count; i++) {
		const struct http_field *f = &head->fields[i];

		ok = add_text(out, f->name, f->name_length, masked) && buffer_add(out, ": ", 2) &&
		     add_text(out, f->value, f->value_length, masked) && buffer_add(out, "\r\n", 2);
	}
	return ok && buffer_add(out, "\r\n", 2);
}

static bool open_dump(struct transfer *t, struct failure *why)
{
	const struct output_options options = {
		.naming = OUTPUT_FILE,
		.file = t->options->head_file,
	};

	if (t->dumped.file)
		return true;
	t->dumped.file = output_new(&options, &t->first, why);
	if (!t->dumped.file)
		return false;
	t->dumped.to = output_open(t->dumped.file, 0, NULL, NULL, why);
	return t->dumped.to != NULL;
}

bool transfer_shown_add(struct transfer *t, const struct http_head *head, struct failure *why)
{
	bool ok = true;

	if (t->options->show != GET_SHOW_BODY) {
		t->shown.to = output_stdout();
		ok = add_head(&t->shown.text, head, isatty(STDOUT_FILENO));
	}
	if (ok && t->options->head_file)
		ok = open_dump(t, why) &&
		     add_head(&t->dumped.text, head, isatty(stream_fd(t->dumped.to, STREAM_WRITE)));
	if (!ok && why->class == FAILURE_NONE)
		fail(why, FAILURE_OTHER, "out of memory");
	return ok;
}

bool transfer_shown_waiting(const struct transfer *t)
{
	return t->shown.text.length > 0 || t->dumped.text.length > 0;
}

static enum io write_all(struct transfer_shown *s, struct failure *why)
{
	enum io r = IO_DONE;
	size_t n;

	while (s->text.length > 0 && r == IO_DONE) {
		r = stream_write(s->to, buffer_bytes(&s->text), s->text.length, &n, why);
		if (r == IO_DONE)
			buffer_take(&s->text, n);
	}
	return r;
}

void transfer_shown_stop(struct transfer *t)
{
	if (t->shown_watch.loop)
		stream_watch_stop(&t->shown_watch);
}

static void step(struct transfer *t);

static void on_writable(void *data, unsigned sides)
{
	(void)sides;
	step(data);
}

static void wait_for(struct transfer *t, struct stream *to)
{
	transfer_shown_stop(t);
	stream_watch_init(&t->shown_watch, t->loop, to, on_writable, t);
	stream_watch_for(&t->shown_watch, STREAM_WRITE);
}

static void step(struct transfer *t)
{
	struct transfer_shown *both[] = { &t->shown, &t->dumped };
	struct failure why = { 0 };

	for (size_t i = 0; i < 2; i++) {
		enum io r = write_all(both[i], &why);

		if (r == IO_AGAIN) {
			wait_for(t, both[i]->to);
			return;
		}
		if (r == IO_DONE)
			continue;
		buffer_free(&t->shown.text);
		buffer_free(&t->dumped.text);
		transfer_shown_stop(t);
		transfer_finish(t, &why);
		return;
	}
	transfer_shown_stop(t);
	t->shown_then(t);
}

void transfer_shown_write(struct transfer *t, void (*then)(struct transfer *t))
{
	t->shown_then = then;
	step(t);
}

bool transfer_shown_end(struct transfer *t, struct failure *why)
{
	bool ok;

	transfer_shown_stop(t);
	if (!t->dumped.file || !t->dumped.to)
		return true;
	ok = output_commit(t->dumped.file, -1, why);
	t->dumped.to = NULL;
	return ok;
}

void transfer_shown_free(struct transfer *t)
{
	transfer_shown_stop(t);
	output_free(t->dumped.file);
	buffer_free(&t->shown.text);
	buffer_free(&t->dumped.text);
}
