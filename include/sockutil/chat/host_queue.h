/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_HOST_QUEUE_H
#define SOCKUTIL_CHAT_HOST_QUEUE_H
/*
 * What waits to be sent to one member: shared lines, each in the form in which that member read
 * when it came. Holds no memory while nothing waits. Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/chat/line.h>

/* What a line is to who is to get it, each counted by itself. */
enum chat_host_sort {
	CHAT_HOST_SORT_TALK,  /* told by others */
	CHAT_HOST_SORT_FILES, /* nothing that people read: what keeps files and connections going */
	CHAT_HOST_SORT_ASKED, /* the answer to what it said itself: history, members, help */
	CHAT_HOST_SORTS
};

struct chat_host_waiting {
	struct chat_line *line;
	uint32_t gap;   /* how many lines it says are missing here; 0: an ordinary line */
	uint8_t reader; /* enum chat_reader */
	uint8_t sort;   /* enum chat_host_sort */
};

/* Zeroed is valid: nothing waits. Invariants: lines is NULL exactly when capacity is 0, and that
 * when count is 0; capacity is a power of two; bytes are the cost of what waits of each sort. */
struct chat_host_queue {
	struct chat_host_waiting *lines; /* a ring */
	uint32_t capacity, first, count;
	uint32_t offset; /* bytes of the first line that are sent */
	size_t bytes[CHAT_HOST_SORTS];
};

/* The line waits as well, held. sort: TALK or ASKED; what says nothing to people counts as FILES
 * unless it was asked for. Nothing happens when the line says nothing to that reader. False: memory
 * is short. */
bool chat_host_queue_add(struct chat_host_queue *queue, struct chat_line *line,
			 enum chat_reader reader, enum chat_host_sort sort);
/* What can go next in one piece: bytes of the first line, or several lines copied into room, of
 * size bytes. Empty: nothing waits. Valid until the queue changes. */
struct chat_slice chat_host_queue_next(const struct chat_host_queue *queue, char *room,
				       size_t size);
/* So many of those bytes were sent. */
void chat_host_queue_sent(struct chat_host_queue *queue, size_t count);
/* Drops the oldest talk until no more than keep bytes of it wait, and puts "N lines were dropped:
 * ..." where the first of them was; a line sent in part stays. */
void chat_host_queue_thin(struct chat_host_queue *queue, size_t keep);
/* Drops everything but a line sent in part. */
void chat_host_queue_clear(struct chat_host_queue *queue);
void chat_host_queue_free(struct chat_host_queue *queue);

/* What a line costs in the queue of a reader, in bytes. */
size_t chat_host_queue_cost(const struct chat_line *line, enum chat_reader reader);
#endif
