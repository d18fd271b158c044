/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/host_queue.c
 * Holds: nothing waits and no memory is held at first and when the last byte was sent; lines go out
 * in order, whole or in parts, in the form in which the member read when they came; one line is
 * given as it lies, several are copied into one piece as far as they fit; a line without that form
 * is not kept; each sort is counted by itself; thinning takes the oldest talk alone, spares a line
 * that is sent in part, says how many lines are missing where they were, and once for all when it
 * thins again; clearing keeps a line that is sent in part.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/chat/host_queue.h>

static struct chat_host_queue queue;
static char room[4096];

static void assert_sane(const struct chat_host_queue *q)
{
	size_t bytes[CHAT_HOST_SORTS] = { 0 };

	cr_assert_eq(q->lines == NULL, q->capacity == 0);
	cr_assert_eq(q->capacity == 0, q->count == 0);
	cr_assert_eq(q->capacity & (q->capacity - 1), 0);
	cr_assert_leq(q->count, q->capacity);
	for (uint32_t i = 0; i < q->count; i++) {
		const struct chat_host_waiting *w = &q->lines[(q->first + i) % q->capacity];

		cr_assert_gt(w->line->holders, 0);
		bytes[w->sort] += chat_host_queue_cost(w->line, w->reader);
	}
	for (int sort = 0; sort < CHAT_HOST_SORTS; sort++)
		cr_assert_eq(q->bytes[sort], bytes[sort]);
}

static void tear_down(void)
{
	chat_host_queue_free(&queue);
	assert_sane(&queue);
}

TestSuite(host_queue, .fini = tear_down);

static struct chat_line *line_of(enum chat_kind kind, const char *text)
{
	const struct chat_event event = {
		.kind = kind,
		.number = 7,
		.word = chat_slice_of("word"),
		.text = chat_slice_of(text),
	};
	struct chat_line *line = chat_line_new(&event, NULL);

	cr_assert(line);
	return line;
}

static void add(enum chat_kind kind, const char *text, enum chat_reader reader,
		enum chat_host_sort sort)
{
	struct chat_line *line = line_of(kind, text);

	cr_assert(chat_host_queue_add(&queue, line, reader, sort));
	chat_line_drop(line);
	assert_sane(&queue);
}

static void talk(const char *text)
{
	add(CHAT_NOTICE, text, CHAT_PLAIN, CHAT_HOST_SORT_TALK);
}

static void assert_next(size_t size, const char *expected)
{
	const struct chat_slice next = chat_host_queue_next(&queue, room, size);

	cr_assert_eq(next.length, strlen(expected), "%.*s", (int)next.length, next.bytes);
	cr_assert_eq(strncmp(next.bytes, expected, next.length), 0, "%.*s", (int)next.length,
		     next.bytes);
}

static void sent(size_t count)
{
	chat_host_queue_sent(&queue, count);
	assert_sane(&queue);
}

static void thin(size_t keep)
{
	chat_host_queue_thin(&queue, keep);
	assert_sane(&queue);
}

Test(host_queue, nothing_waits)
{
	assert_next(sizeof room, "");
	assert_sane(&queue);
}

Test(host_queue, one_line_is_given_as_it_lies)
{
	struct chat_line *line = line_of(CHAT_NOTICE, "hello");

	cr_assert(chat_host_queue_add(&queue, line, CHAT_PLAIN, CHAT_HOST_SORT_TALK));
	cr_assert_eq(line->holders, 2);
	cr_assert_eq(chat_host_queue_next(&queue, room, sizeof room).bytes, line->bytes);
	assert_next(1, "* hello\n");
	sent(strlen("* hello\n"));
	cr_assert_eq(line->holders, 1);
	cr_assert_eq(queue.lines, NULL);
	chat_line_drop(line);
}

Test(host_queue, several_go_in_one_piece)
{
	talk("one");
	talk("two");
	talk("three");
	assert_next(sizeof room, "* one\n* two\n* three\n");
	assert_next(13, "* one\n* two\n");
	assert_next(6, "* one\n");
	/* The first does not fit: as it lies. */
	assert_next(3, "* one\n");
}

Test(host_queue, any_part_may_be_sent)
{
	talk("one");
	talk("two");
	talk("three");
	sent(2);
	assert_next(sizeof room, "one\n* two\n* three\n");
	sent(3);
	assert_next(4, "\n");
	sent(1 + strlen("* two\n") + 1);
	assert_next(sizeof room, " three\n");
	sent(1);
	sent(strlen("three\n"));
	cr_assert_eq(queue.count, 0);
}

Test(host_queue, the_ring_grows_and_turns)
{
	char text[32], expected[32];
	int given = 0;

	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof text, "%d", i);
		talk(text);
		if (i % 3 == 2) {
			snprintf(expected, sizeof expected, "* %d\n", given++);
			assert_next(strlen(expected), expected);
			sent(strlen(expected));
		}
	}
	for (; given < 1000; given++) {
		snprintf(expected, sizeof expected, "* %d\n", given);
		assert_next(strlen(expected), expected);
		sent(strlen(expected));
	}
	cr_assert_eq(queue.count, 0);
}

Test(host_queue, each_in_the_form_of_its_time)
{
	talk("before");
	sent(3);
	add(CHAT_NOTICE, "after", CHAT_RICH, CHAT_HOST_SORT_TALK);
	assert_next(sizeof room, "efore\nnotice after\n");
}

Test(host_queue, a_form_that_is_not_there)
{
	struct chat_line *ping = line_of(CHAT_PING, "");

	cr_assert(chat_host_queue_add(&queue, ping, CHAT_PLAIN, CHAT_HOST_SORT_TALK));
	cr_assert_eq(queue.count, 0);
	cr_assert_eq(ping->holders, 1);
	chat_line_drop(ping);
}

Test(host_queue, sorts)
{
	talk("said");
	cr_assert_gt(queue.bytes[CHAT_HOST_SORT_TALK], strlen("* said\n"));
	add(CHAT_DATA, "AAAA", CHAT_RICH, CHAT_HOST_SORT_TALK);
	cr_assert_gt(queue.bytes[CHAT_HOST_SORT_FILES], strlen("data 7 AAAA\n"));
	cr_assert_eq(queue.bytes[CHAT_HOST_SORT_ASKED], 0);
	add(CHAT_PING, "", CHAT_RICH, CHAT_HOST_SORT_ASKED);
	cr_assert_gt(queue.bytes[CHAT_HOST_SORT_ASKED], strlen("ping word\n"));
}

Test(host_queue, the_oldest_talk_goes)
{
	talk("one");
	talk("two");
	talk("three");
	thin(queue.bytes[CHAT_HOST_SORT_TALK] / 2);
	assert_next(sizeof room, "* 2 lines were dropped: you read too slowly\n* three\n");
	thin(0);
	assert_next(sizeof room, "* 3 lines were dropped: you read too slowly\n");
}

Test(host_queue, what_fits_stays)
{
	talk("one");
	thin(queue.bytes[CHAT_HOST_SORT_TALK]);
	assert_next(sizeof room, "* one\n");
}

Test(host_queue, nothing_but_talk_goes)
{
	add(CHAT_NOTICE, "asked", CHAT_RICH, CHAT_HOST_SORT_ASKED);
	add(CHAT_NOTICE, "said", CHAT_RICH, CHAT_HOST_SORT_TALK);
	add(CHAT_DATA, "AAAA", CHAT_RICH, CHAT_HOST_SORT_TALK);
	thin(0);
	assert_next(sizeof room, "notice asked\nnotice 1 line was dropped: you read too slowly\n"
				 "data 7 AAAA\n");
}

Test(host_queue, a_line_sent_in_part_stays)
{
	talk("one");
	talk("two");
	sent(1);
	thin(0);
	assert_next(sizeof room, " one\n* 1 line was dropped: you read too slowly\n");
	sent(strlen(" one\n") + 1);
	/* What says so is sent in part itself. */
	talk("three");
	thin(0);
	assert_next(sizeof room, " 1 line was dropped: you read too slowly\n"
				 "* 1 line was dropped: you read too slowly\n");
}

Test(host_queue, clearing)
{
	talk("one");
	talk("two");
	sent(1);
	chat_host_queue_clear(&queue);
	assert_sane(&queue);
	assert_next(sizeof room, " one\n");
	sent(strlen(" one\n"));
	talk("three");
	chat_host_queue_clear(&queue);
	cr_assert_eq(queue.lines, NULL);
	assert_next(sizeof room, "");
}
