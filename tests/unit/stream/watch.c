/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/watch.c
 * Holds: a side is reported when its wish comes true, once for each asking, and the other goes
 * on waiting; both sides of one descriptor, and a side that wishes for the other's event;
 * pending bytes, sides that wish for nothing and sides without a descriptor come in the next
 * turn, never inside the asking, and starve nobody; times; asking anew replaces; the stack may
 * change its descriptor; stopping stops; the user may free everything while being told. */
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/stream/watch.h>

/* A stream that wishes as told. */
struct wishing {
	struct stream stream;
	unsigned want[3]; /* by enum stream_side */
	int64_t wake_ms[3];
	int fd[3];
	bool pending;
};

static struct wishing w;
static struct stream_watch watch;
static struct ev_loop *loop;
static unsigned told; /* sides, since last looked at */
static unsigned calls;
static int peer;
static void (*inside)(void);

static unsigned wishing_want(const struct stream *s, enum stream_side side)
{
	return ((const struct wishing *)s)->want[side];
}

static int64_t wishing_wake_ms(const struct stream *s, enum stream_side side)
{
	return ((const struct wishing *)s)->wake_ms[side];
}

static int wishing_fd(const struct stream *s, enum stream_side side)
{
	return ((const struct wishing *)s)->fd[side];
}

static bool wishing_pending(const struct stream *s)
{
	return ((const struct wishing *)s)->pending;
}

static const struct stream_ops wishing_ops = {
	.name = "wishing",
	.want = wishing_want,
	.wake_ms = wishing_wake_ms,
	.fd = wishing_fd,
	.pending = wishing_pending,
};

static void assert_sane_watch(void)
{
	bool io = ev_is_active(&watch.read_io) || ev_is_active(&watch.write_io);

	cr_assert_eq((watch.waiting & ~(unsigned)(STREAM_READ | STREAM_WRITE)), 0);
	cr_assert_eq(watch.waiting != 0, io || ev_is_active(&watch.timer));
}

static void ready(void *data, unsigned sides)
{
	cr_assert_eq(data, &w);
	cr_assert(sides != 0);
	cr_assert_eq(watch.waiting & sides, 0);
	told |= sides;
	calls++;
	if (inside)
		inside();
}

static void set_up(void)
{
	int pair[2];

	sockets_unix_pair(pair);
	peer = pair[1];
	w = (struct wishing){
		.stream.ops = &wishing_ops,
		.want = { 0, STREAM_WANT_READ, STREAM_WANT_WRITE },
		.wake_ms = { 0, 1, 1 },
		.fd = { 0, pair[0], pair[0] },
	};
	loop = ev_loop_new(EVFLAG_AUTO);
	stream_watch_init(&watch, loop, &w.stream, ready, &w);
	assert_sane_watch();
}

static void tear_down(void)
{
	stream_watch_stop(&watch);
	assert_sane_watch();
	ev_loop_destroy(loop);
	close(w.fd[STREAM_READ]);
	close(peer);
}

TestSuite(watch, .init = set_up, .fini = tear_down);

/* One turn of the loop without waiting; returns the sides that were told. */
static unsigned turn(void)
{
	told = 0;
	ev_run(loop, EVRUN_NOWAIT);
	return told;
}

/* One turn that waits for something; bounded by the test's own time limit. */
static unsigned wait_turn(void)
{
	told = 0;
	ev_run(loop, EVRUN_ONCE);
	return told;
}

static void ask(unsigned sides)
{
	unsigned before = calls;

	stream_watch_for(&watch, sides);
	cr_assert_eq(calls, before, "told inside the asking");
	cr_assert_eq(watch.waiting, sides);
	assert_sane_watch();
}

Test(watch, a_side_is_told_once_when_its_wish_comes_true)
{
	ask(STREAM_READ);
	cr_assert_eq(turn(), 0);
	sockets_give(peer, "x", 1);
	cr_assert_eq(wait_turn(), STREAM_READ);
	assert_sane_watch();
	cr_assert_eq(turn(), 0);
	ask(STREAM_READ);
	cr_assert_eq(wait_turn(), STREAM_READ);
}

Test(watch, the_other_side_goes_on_waiting)
{
	ask(STREAM_READ | STREAM_WRITE);
	cr_assert_eq(wait_turn(), STREAM_WRITE);
	cr_assert_eq(watch.waiting, STREAM_READ);
	sockets_give(peer, "x", 1);
	cr_assert_eq(wait_turn(), STREAM_READ);
	cr_assert_eq(watch.waiting, 0);
}

Test(watch, both_sides_of_one_descriptor)
{
	sockets_give(peer, "x", 1);
	ask(STREAM_READ | STREAM_WRITE);
	cr_assert_eq(wait_turn(), STREAM_READ | STREAM_WRITE);
	cr_assert_eq(calls, 2);
}

Test(watch, a_side_may_wish_for_the_others_event)
{
	w.want[STREAM_READ] = STREAM_WANT_WRITE;
	w.want[STREAM_WRITE] = STREAM_WANT_READ;
	ask(STREAM_READ | STREAM_WRITE);
	cr_assert_eq(wait_turn(), STREAM_READ);
	cr_assert_eq(turn(), 0);
	sockets_give(peer, "x", 1);
	cr_assert_eq(wait_turn(), STREAM_WRITE);
}

Test(watch, sides_with_the_same_wish_are_told_together)
{
	w.want[STREAM_WRITE] = STREAM_WANT_READ;
	sockets_give(peer, "x", 1);
	ask(STREAM_READ | STREAM_WRITE);
	cr_assert_eq(wait_turn(), STREAM_READ | STREAM_WRITE);
	cr_assert_eq(calls, 1);
}

Test(watch, one_of_two_wishes_is_enough)
{
	w.want[STREAM_READ] = STREAM_WANT_READ | STREAM_WANT_WRITE;
	ask(STREAM_READ);
	cr_assert_eq(wait_turn(), STREAM_READ);
}

Test(watch, pending_bytes_come_in_the_next_turn)
{
	w.pending = true;
	ask(STREAM_READ | STREAM_WRITE);
	sockets_fill(w.fd[STREAM_WRITE]);
	cr_assert_eq(wait_turn(), STREAM_READ);
	cr_assert_eq(watch.waiting, STREAM_WRITE);
	cr_assert_eq(turn(), 0);
	/* Writing has nothing to do with them. */
	ask(STREAM_WRITE);
	cr_assert_eq(turn(), 0);
}

Test(watch, a_wish_for_nothing_is_granted_in_the_next_turn)
{
	w.want[STREAM_READ] = 0;
	ask(STREAM_READ);
	cr_assert(!ev_is_active(&watch.read_io));
	cr_assert_eq(wait_turn(), STREAM_READ);
	cr_assert_eq(turn(), 0);
}

Test(watch, a_side_without_descriptor_comes_in_the_next_turn)
{
	int fd = w.fd[STREAM_READ];

	w.fd[STREAM_READ] = w.fd[STREAM_WRITE] = -1;
	ask(STREAM_READ | STREAM_WRITE);
	cr_assert_eq(wait_turn(), STREAM_READ | STREAM_WRITE);
	w.fd[STREAM_READ] = w.fd[STREAM_WRITE] = fd;
}

static void ask_again(void)
{
	stream_watch_for(&watch, STREAM_READ);
}

static void other_told(struct ev_loop *l, struct ev_io *io, int events)
{
	(void)l;
	(void)events;
	*(unsigned *)io->data += 1;
}

Test(watch, what_is_always_ready_starves_nobody)
{
	struct ev_io other;
	unsigned seen = 0;

	ev_io_init(&other, other_told, peer, EV_WRITE);
	other.data = &seen;
	ev_io_start(loop, &other);
	w.want[STREAM_READ] = 0;
	inside = ask_again;
	ask(STREAM_READ);
	for (int i = 0; i < 50; i++)
		wait_turn();
	inside = NULL;
	cr_assert(seen >= 10, "%u", seen);
	cr_assert(calls >= 10, "%u", calls);
	ev_io_stop(loop, &other);
}

Test(watch, times_come_true)
{
	w.want[STREAM_READ] = STREAM_WANT_TIME;
	w.wake_ms[STREAM_READ] = 30;
	ask(STREAM_READ);
	cr_assert_eq(turn(), 0);
	cr_assert_eq(wait_turn(), STREAM_READ);
	cr_assert_eq(watch.waiting, 0);
}

Test(watch, the_earlier_of_two_times_counts)
{
	w.want[STREAM_READ] = w.want[STREAM_WRITE] = STREAM_WANT_TIME;
	w.wake_ms[STREAM_READ] = 60 * 60 * 1000;
	w.wake_ms[STREAM_WRITE] = 5;
	ask(STREAM_READ | STREAM_WRITE);
	cr_assert(wait_turn() & STREAM_WRITE);
	ask(STREAM_READ);
	cr_assert_eq(turn(), 0);
}

Test(watch, asking_anew_replaces)
{
	sockets_give(peer, "x", 1);
	ask(STREAM_READ | STREAM_WRITE);
	ask(STREAM_READ);
	cr_assert_eq(wait_turn(), STREAM_READ);
	ask(STREAM_READ);
	ask(0);
	cr_assert_eq(turn(), 0);
}

Test(watch, the_descriptor_may_change)
{
	int pair[2];
	int first = w.fd[STREAM_READ];

	ask(STREAM_READ);
	cr_assert_eq(turn(), 0);
	sockets_unix_pair(pair);
	w.fd[STREAM_READ] = pair[0];
	ask(STREAM_READ);
	sockets_give(peer, "x", 1);
	cr_assert_eq(turn(), 0);
	sockets_give(pair[1], "x", 1);
	cr_assert_eq(wait_turn(), STREAM_READ);
	close(pair[0]);
	close(pair[1]);
	w.fd[STREAM_READ] = first;
}

Test(watch, stopping_stops_also_what_is_under_way)
{
	sockets_give(peer, "x", 1);
	ask(STREAM_READ | STREAM_WRITE);
	ev_feed_event(loop, &watch.read_io, EV_READ);
	stream_watch_stop(&watch);
	assert_sane_watch();
	cr_assert_eq(turn(), 0);
}

static struct stream_watch *allocated;

static void free_it(void)
{
	stream_watch_stop(allocated);
	memset(allocated, 0xee, sizeof *allocated);
	free(allocated);
}

static void ready_to_free(void *data, unsigned sides)
{
	(void)data;
	told |= sides;
	calls++;
	free_it();
}

Test(watch, the_user_may_free_it_while_being_told)
{
	allocated = malloc(sizeof *allocated);
	stream_watch_init(allocated, loop, &w.stream, ready_to_free, &w);
	sockets_give(peer, "x", 1);
	stream_watch_for(allocated, STREAM_READ | STREAM_WRITE);
	wait_turn();
	cr_assert_eq(calls, 1);
	cr_assert_eq(turn(), 0);
}
