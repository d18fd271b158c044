/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/stream.c
 * Holds: a layer without operations passes every call down; a bottom without operations gives
 * the defaults; opening runs from the bottom up, stops at the layer that waits or fails, and
 * goes on from there; an end reaches past a layer that holds bytes only after its flush; pending
 * looks at every layer; one layer that changes bytes forbids splicing and the rest is not asked;
 * moved bytes are told to every layer; find gives the topmost; freeing goes through the whole
 * stack. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include <sockutil/stream/stream.h>

/* A layer that writes down what it is asked, and answers as told. */
struct told {
	struct stream stream;
	enum io answer;
	int fd;
	bool pending;
	char log[64]; /* one letter a call */
	size_t moved;
};

static struct told bottom, middle, top;

static struct told *note(const struct stream *s, char letter)
{
	struct told *t = (struct told *)(uintptr_t)s;
	size_t n = strlen(t->log);

	cr_assert(n + 1 < sizeof t->log);
	t->log[n] = letter;
	return t;
}

static enum io told_open(struct stream *s, struct failure *why)
{
	struct told *t = note(s, 'o');

	return t->answer == IO_FAILED ? fail(why, FAILURE_TLS, "no") : t->answer;
}

static enum io told_read(struct stream *s, void *buf, size_t len, size_t *nread,
			 struct failure *why)
{
	(void)why;
	note(s, 'r');
	memset(buf, 'x', len);
	*nread = len;
	return IO_DONE;
}

static enum io told_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			   struct failure *why)
{
	(void)why;
	note(s, 'w');
	*nwritten = 0;
	for (int i = 0; i < n; i++)
		*nwritten += v[i].iov_len;
	return IO_DONE;
}

static enum io told_flush(struct stream *s, struct failure *why)
{
	struct told *t = note(s, 'f');

	return t->answer == IO_FAILED ? fail(why, FAILURE_SEND, "lost") : t->answer;
}

static enum io told_end(struct stream *s, struct failure *why)
{
	(void)why;
	return note(s, 'e')->answer;
}

static enum io told_settle(struct stream *s, struct failure *why)
{
	(void)why;
	return note(s, 's')->answer;
}

static long told_unacknowledged(const struct stream *s)
{
	note(s, 'u');
	return 77;
}

static bool told_pending(const struct stream *s)
{
	return note(s, 'p')->pending;
}

static unsigned told_want(const struct stream *s, enum stream_side side)
{
	note(s, 'a');
	return side == STREAM_READ ? STREAM_WANT_READ : STREAM_WANT_WRITE | STREAM_WANT_TIME;
}

static int64_t told_wake_ms(const struct stream *s, enum stream_side side)
{
	note(s, 't');
	return side == STREAM_READ ? 7 : 9;
}

static int told_fd(const struct stream *s, enum stream_side side)
{
	return note(s, 'd')->fd + (side == STREAM_WRITE);
}

static int told_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)side;
	return note(s, 'R')->fd;
}

static void told_moved(struct stream *s, enum stream_side side, size_t count)
{
	note(s, side == STREAM_READ ? 'm' : 'M')->moved += count;
}

static void told_free(struct stream *s)
{
	note(s, 'x');
}

static const struct stream_ops all_ops = {
	.name = "all",
	.open = told_open,
	.read = told_read,
	.writev = told_writev,
	.flush = told_flush,
	.end = told_end,
	.settle = told_settle,
	.unacknowledged = told_unacknowledged,
	.pending = told_pending,
	.want = told_want,
	.wake_ms = told_wake_ms,
	.fd = told_fd,
	.raw_fd = told_raw_fd,
	.moved = told_moved,
	.free = told_free,
};
static const struct stream_ops empty_ops = { .name = "empty" };
static const struct stream_ops holding_ops = { .name = "holding", .flush = told_flush };

/* An empty layer over an empty layer over one with every operation. */
static struct stream *stack(void)
{
	bottom = (struct told){ .stream.ops = &all_ops, .fd = 42 };
	middle = (struct told){ .stream = { .ops = &empty_ops, .below = &bottom.stream } };
	top = (struct told){ .stream = { .ops = &empty_ops, .below = &middle.stream } };
	return &top.stream;
}

Test(stream, an_empty_layer_passes_every_call)
{
	struct stream *s = stack();
	struct failure why = { 0 };
	char bytes[4] = "";
	size_t n = 0;

	cr_assert_eq(stream_open(s, &why), IO_DONE);
	cr_assert_eq(stream_read(s, bytes, 4, &n, &why), IO_DONE);
	cr_assert_eq(n, 4);
	cr_assert_eq(bytes[3], 'x');
	cr_assert_eq(stream_write(s, "abc", 3, &n, &why), IO_DONE);
	cr_assert_eq(n, 3);
	cr_assert_eq(stream_flush(s, &why), IO_DONE);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(stream_settle(s, &why), IO_DONE);
	cr_assert_eq(stream_unacknowledged(s), 77);
	bottom.pending = true;
	cr_assert(stream_pending(s));
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_READ);
	cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_WRITE | STREAM_WANT_TIME);
	cr_assert_eq(stream_wake_ms(s, STREAM_READ), 7);
	cr_assert_eq(stream_wake_ms(s, STREAM_WRITE), 9);
	cr_assert_eq(stream_fd(s, STREAM_READ), 42);
	cr_assert_eq(stream_fd(s, STREAM_WRITE), 43);
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), 42);
	stream_moved(s, STREAM_READ, 5);
	stream_moved(s, STREAM_WRITE, 6);
	cr_assert_eq(bottom.moved, 11);
	cr_assert_str_eq(bottom.log, "orwfesupaattddRmM");
	stream_free(s);
	cr_assert_eq(bottom.log[17], 'x');
}

Test(stream, results_pass_through_an_empty_layer_unchanged)
{
	struct stream *s = stack();
	struct failure why = { 0 };

	bottom.answer = IO_AGAIN;
	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	cr_assert_eq(stream_flush(s, &why), IO_AGAIN);
	cr_assert_eq(stream_end(s, &why), IO_AGAIN);
	cr_assert_eq(stream_settle(s, &why), IO_AGAIN);
	bottom.answer = IO_FAILED;
	cr_assert_eq(stream_flush(s, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "lost");
	cr_assert_eq(why.class, FAILURE_SEND);
}

Test(stream, an_empty_bottom_gives_the_defaults)
{
	struct stream s = { .ops = &empty_ops };
	struct failure why = { 0 };
	char byte;
	size_t n = 9;

	cr_assert_eq(stream_open(&s, &why), IO_DONE);
	cr_assert_eq(stream_read(&s, &byte, 1, &n, &why), IO_END);
	cr_assert_eq(n, 0);
	cr_assert_eq(stream_flush(&s, &why), IO_DONE);
	cr_assert_eq(stream_end(&s, &why), IO_DONE);
	cr_assert_eq(stream_settle(&s, &why), IO_DONE);
	cr_assert_eq(stream_unacknowledged(&s), -1);
	cr_assert(!stream_pending(&s));
	cr_assert_eq(stream_want(&s, STREAM_READ), 0);
	cr_assert_eq(stream_wake_ms(&s, STREAM_READ), 1);
	cr_assert_eq(stream_fd(&s, STREAM_READ), -1);
	cr_assert_eq(stream_raw_fd(&s, STREAM_WRITE), -1);
	stream_moved(&s, STREAM_WRITE, 1);
	n = 9;
	cr_assert_eq(stream_write(&s, "a", 1, &n, &why), IO_FAILED);
	cr_assert_eq(n, 0);
	cr_assert_str_eq(why.text, "empty: cannot be written to");
	stream_free(&s);
	stream_free(NULL);
}

Test(stream, opening_goes_from_the_bottom_up_and_resumes)
{
	struct stream *s = stack();
	struct failure why = { 0 };

	middle.stream.ops = &all_ops;
	top.stream.ops = &all_ops;
	middle.answer = IO_AGAIN;
	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	cr_assert_str_eq(bottom.log, "o");
	cr_assert_str_eq(middle.log, "o");
	cr_assert_str_eq(top.log, "");
	middle.answer = IO_DONE;
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	cr_assert_str_eq(middle.log, "oo");
	cr_assert_str_eq(top.log, "o");
	middle.answer = IO_FAILED;
	cr_assert_eq(stream_open(s, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "no");
	cr_assert_str_eq(top.log, "o");
}

Test(stream, an_end_first_flushes_what_is_held)
{
	struct stream *s = stack();
	struct failure why = { 0 };

	middle.stream.ops = &holding_ops;
	middle.answer = IO_AGAIN;
	cr_assert_eq(stream_end(s, &why), IO_AGAIN);
	cr_assert_str_eq(bottom.log, "");
	middle.answer = IO_DONE;
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_str_eq(middle.log, "ff");
	cr_assert_str_eq(bottom.log, "e");
	middle.stream.below = NULL;
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_str_eq(middle.log, "fff");
}

Test(stream, pending_is_looked_for_in_every_layer)
{
	struct stream *s = stack();

	middle.stream.ops = &all_ops;
	cr_assert(!stream_pending(s));
	middle.pending = true;
	cr_assert(stream_pending(s));
	middle.pending = false;
	bottom.pending = true;
	cr_assert(stream_pending(s));
}

Test(stream, one_layer_that_changes_bytes_forbids_splicing)
{
	struct stream *s = stack();

	middle.stream.ops = &all_ops;
	middle.fd = 7;
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), 42);
	middle.fd = -1;
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), -1);
	cr_assert_str_eq(bottom.log, "R");
	middle.fd = 7;
	bottom.fd = -1;
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), -1);
}

Test(stream, moved_bytes_are_told_to_every_layer)
{
	struct stream *s = stack();

	middle.stream.ops = &all_ops;
	stream_moved(s, STREAM_WRITE, 3);
	cr_assert_eq(middle.moved, 3);
	cr_assert_eq(bottom.moved, 3);
}

Test(stream, find_gives_the_topmost_of_a_name)
{
	struct stream *s = stack();

	cr_assert_eq(stream_find(s, "empty"), &top.stream);
	cr_assert_eq(stream_find(s, "all"), &bottom.stream);
	cr_assert_null(stream_find(s, "tls"));
	cr_assert_null(stream_find(NULL, "tls"));
}
