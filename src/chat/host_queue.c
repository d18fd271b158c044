/* SPDX-License-Identifier: MIT */
/* src/chat/host_queue.c - what waits to be sent to one member. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/chat/host_queue.h>

enum { RING_FIRST = 4 }; /* places of the first ring: a power of two */

static struct chat_host_waiting *at(const struct chat_host_queue *queue, uint32_t index)
{
	return &queue->lines[(queue->first + index) & (queue->capacity - 1)];
}

static struct chat_slice text_of(const struct chat_host_waiting *waiting)
{
	return chat_line_bytes(waiting->line, waiting->reader);
}

size_t chat_host_queue_cost(const struct chat_line *line, enum chat_reader reader)
{
	return line->length[reader] + sizeof(*line) + sizeof(struct chat_host_waiting);
}

static size_t cost_of(const struct chat_host_waiting *waiting)
{
	return chat_host_queue_cost(waiting->line, waiting->reader);
}

static bool grow(struct chat_host_queue *queue)
{
	const uint32_t capacity = queue->capacity ? queue->capacity * 2 : RING_FIRST;
	struct chat_host_waiting *lines = NULL;

	if (capacity > queue->capacity)
		lines = malloc(capacity * sizeof(*lines));
	if (!lines)
		return false;
	for (uint32_t i = 0; i < queue->count; i++)
		lines[i] = *at(queue, i);
	free(queue->lines);
	queue->lines = lines;
	queue->capacity = capacity;
	queue->first = 0;
	return true;
}

/* An idle member holds nothing. */
static void free_ring(struct chat_host_queue *queue)
{
	free(queue->lines);
	queue->lines = NULL;
	queue->capacity = 0;
	queue->first = 0;
}

static enum chat_host_sort sort_of(const struct chat_line *line, enum chat_host_sort sort)
{
	return sort == CHAT_HOST_SORT_TALK && line->length[CHAT_PLAIN] == 0 ? CHAT_HOST_SORT_FILES
									    : sort;
}

bool chat_host_queue_add(struct chat_host_queue *queue, struct chat_line *line,
			 enum chat_reader reader, enum chat_host_sort sort)
{
	struct chat_host_waiting waiting = {
		.line = line,
		.reader = (uint8_t)reader,
		.sort = (uint8_t)sort_of(line, sort),
	};

	if (line->length[reader] == 0)
		return true;
	if (queue->count == queue->capacity && !grow(queue))
		return false;
	chat_line_hold(line);
	queue->bytes[waiting.sort] += cost_of(&waiting);
	queue->count++;
	*at(queue, queue->count - 1) = waiting;
	return true;
}

struct chat_slice chat_host_queue_next(const struct chat_host_queue *queue, char *room, size_t size)
{
	struct chat_slice slice = { .bytes = room };

	for (uint32_t i = 0; i < queue->count; i++) {
		struct chat_slice text = text_of(at(queue, i));

		if (i == 0) {
			text.bytes += queue->offset;
			text.length -= queue->offset;
			if (queue->count == 1 || text.length > size)
				return text;
		}
		if (text.length > size - slice.length)
			break;
		memcpy(room + slice.length, text.bytes, text.length);
		slice.length += text.length;
	}
	return slice;
}

static void drop_first(struct chat_host_queue *queue)
{
	const struct chat_host_waiting *waiting = at(queue, 0);

	queue->bytes[waiting->sort] -= cost_of(waiting);
	chat_line_drop(waiting->line);
	queue->first = (queue->first + 1) & (queue->capacity - 1);
	queue->count--;
	queue->offset = 0;
	if (queue->count == 0)
		free_ring(queue);
}

void chat_host_queue_sent(struct chat_host_queue *queue, size_t count)
{
	while (count > 0) {
		size_t left;

		assert(queue->count > 0);
		left = text_of(at(queue, 0)).length - queue->offset;
		if (count < left) {
			queue->offset += (uint32_t)count;
			return;
		}
		count -= left;
		drop_first(queue);
	}
}

/* ------ dropping ------ */

static struct chat_line *gap_line(uint32_t missing)
{
	char text[80];
	const int length =
		snprintf(text, sizeof(text), "%" PRIu32 " %s dropped: you read too slowly", missing,
			 missing == 1 ? "line was" : "lines were");
	const struct chat_event event = {
		.kind = CHAT_NOTICE,
		.text = { .bytes = text, .length = (size_t)length },
	};

	return chat_line_new(&event, NULL);
}

/* In the place of a line that was dropped. Memory short: that place is empty. */
static bool put_gap(struct chat_host_queue *queue, uint32_t index, uint32_t missing,
		    enum chat_reader reader)
{
	struct chat_host_waiting *waiting = at(queue, index);

	*waiting = (struct chat_host_waiting){
		.line = gap_line(missing),
		.gap = missing,
		.reader = (uint8_t)reader,
		.sort = CHAT_HOST_SORT_TALK,
	};
	if (waiting->line)
		queue->bytes[CHAT_HOST_SORT_TALK] += cost_of(waiting);
	return waiting->line;
}

/* Closes the empty place. */
static void take_out(struct chat_host_queue *queue, uint32_t index)
{
	for (uint32_t i = index; i + 1 < queue->count; i++)
		*at(queue, i) = *at(queue, i + 1);
	queue->count--;
	if (queue->count == 0)
		free_ring(queue);
}

void chat_host_queue_thin(struct chat_host_queue *queue, size_t keep)
{
	const uint32_t count = queue->count;
	enum chat_reader reader = CHAT_PLAIN;
	uint32_t kept = 0, missing = 0, place = 0;

	for (uint32_t i = 0; i < count; i++) {
		const struct chat_host_waiting waiting = *at(queue, i);
		const bool begun = i == 0 && queue->offset > 0;

		if (begun || waiting.sort != CHAT_HOST_SORT_TALK ||
		    queue->bytes[CHAT_HOST_SORT_TALK] <= keep) {
			*at(queue, kept++) = waiting;
			continue;
		}
		if (missing == 0)
			place = kept++;
		reader = waiting.reader;
		missing += waiting.gap ? waiting.gap : 1;
		queue->bytes[CHAT_HOST_SORT_TALK] -= cost_of(&waiting);
		chat_line_drop(waiting.line);
	}
	queue->count = kept;
	if (missing > 0 && !put_gap(queue, place, missing, reader))
		take_out(queue, place);
}

void chat_host_queue_clear(struct chat_host_queue *queue)
{
	const uint32_t begun = queue->offset > 0 ? 1 : 0;

	while (queue->count > begun) {
		const struct chat_host_waiting *last = at(queue, queue->count - 1);

		queue->bytes[last->sort] -= cost_of(last);
		chat_line_drop(last->line);
		queue->count--;
	}
	if (queue->count == 0)
		free_ring(queue);
}

void chat_host_queue_free(struct chat_host_queue *queue)
{
	queue->offset = 0;
	chat_host_queue_clear(queue);
}
