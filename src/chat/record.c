/* SPDX-License-Identifier: MIT */
/* src/chat/record.c - --log: what was said, a record a line, a write a record. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/chat/clean.h>
#include <sockutil/chat/record.h>

enum {
	RECORD_WAITING_MAX = 256 * 1024, /* bytes that a full pipe may owe us */
	RECORD_CLOSE_MS = 1000,          /* how long closing waits for its reader */
	RECORD_TIME_MAX = 40,
};

struct chat_record {
	int fd;
	char *file;
	struct buffer
		waiting; /* for a pipe that is full; the first record maybe without its start */
	bool torn;       /* the last record that was written lacks its end */
	struct failure failed; /* the first; FAILURE_NONE: all is written */
};

/* --- opening --------------------------------------------------------------- */

static bool is_pipe(const char *file)
{
	struct stat found;

	return stat(file, &found) == 0 && S_ISFIFO(found.st_mode);
}

/* A pipe or a terminal that takes nothing must not hold up everybody else: nothing here waits. */
static int open_file(const char *file, struct failure *why)
{
	int fd =
		open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);

	if (fd < 0 && errno == ENXIO && is_pipe(file))
		fail(why, FAILURE_OUTPUT,
		     "cannot open log file %s: nobody reads this pipe; start its reader first",
		     file);
	else if (fd < 0)
		fail_errno(why, FAILURE_OUTPUT, errno, "cannot open log file %s", file);
	return fd;
}

struct chat_record *chat_record_open(const char *file, struct failure *why)
{
	struct chat_record *record = NULL;
	int fd = open_file(file, why);

	if (fd < 0)
		return NULL;
	record = memory_zeroed(1, sizeof *record);
	record->fd = fd;
	record->file = memory_string(file);
	return record;
}

/* --- a record -------------------------------------------------------------- */

/* "2026-11-21T09:00:00Z "; what has no time happens now. */
static bool add_time(struct buffer *out, int64_t time_ms)
{
	time_t seconds = time_ms > 0 ? (time_t)(time_ms / 1000) : time(NULL);
	char text[RECORD_TIME_MAX];
	struct tm utc;

	/* A host may say any time, even one that has no date. */
	if (!gmtime_r(&seconds, &utc) || !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ ", &utc))
		return buffer_add(out, "- ", 2);
	return buffer_add(out, text, strlen(text));
}

/* "lobby <bob> hello" as it came; nothing when it says nothing to people. */
static bool add_said(struct buffer *out, const struct chat_event *event, const char *to)
{
	struct chat_slice room = chat_slice_is_word(event->room) ? event->room : chat_slice_of("-");
	size_t sentence;

	if (!buffer_add(out, room.bytes, room.length) || !buffer_add(out, " ", 1))
		return false;
	sentence = out->length;
	if (!chat_event_show(out, event, to))
		return false;
	if (out->length == sentence)
		buffer_free(out);
	return true;
}

static bool add_record(struct buffer *out, const struct chat_event *event, const char *to)
{
	struct buffer said = { 0 };
	bool added = add_said(&said, event, to);

	if (added && said.length)
		added = add_time(out, event->time_ms) &&
			chat_clean(out, buffer_bytes(&said), said.length) &&
			buffer_add(out, "\n", 1);
	buffer_free(&said);
	return added;
}

/* --- writing --------------------------------------------------------------- */

/* The first loss stands for all: a full disk would be told again with every word said. */
static void remember(struct chat_record *record, const char *reason)
{
	if (record->failed.class == FAILURE_NONE)
		fail(&record->failed, FAILURE_OUTPUT, "log file %s is not complete: %s",
		     record->file, reason);
}

static void remember_and_warn(struct chat_record *record, const char *reason)
{
	bool first = record->failed.class == FAILURE_NONE;

	remember(record, reason);
	if (first)
		log_warning("%s", record->failed.text);
}

/* False: it cannot be written (errno). What is left waits for room in a pipe. */
static bool write_waiting(struct chat_record *record)
{
	while (record->waiting.length) {
		const char *bytes = buffer_bytes(&record->waiting);
		ssize_t count = write(record->fd, bytes, record->waiting.length);

		if (count > 0) {
			record->torn = bytes[count - 1] != '\n';
			buffer_take(&record->waiting, (size_t)count);
		} else if (count < 0 && errno == EAGAIN) {
			return true;
		} else if (count == 0 || errno != EINTR) {
			return false;
		}
	}
	return true;
}

/* Behind a record that was torn off a new line begins; behind one that waits it is there. */
static bool add_waiting(struct chat_record *record, const struct buffer *made)
{
	if (record->torn && !record->waiting.length && !buffer_add(&record->waiting, "\n", 1))
		return false;
	return buffer_add(&record->waiting, buffer_bytes(made), made->length);
}

/* NULL, or why a record was lost already. */
static const char *add_made(struct chat_record *record, const struct chat_event *event,
			    const char *to)
{
	struct buffer made = { 0 };
	const char *lost = NULL;
	bool added = add_record(&made, event, to);

	if (added && record->waiting.length + made.length > RECORD_WAITING_MAX)
		lost = "its reader is too slow";
	else if (!added || (made.length && !add_waiting(record, &made)))
		lost = "memory is short";
	buffer_free(&made);
	return lost;
}

void chat_record_add(struct chat_record *record, const struct chat_event *event, const char *to)
{
	const char *lost = add_made(record, event, to);

	if (lost)
		remember_and_warn(record, lost);
	if (write_waiting(record))
		return;
	remember_and_warn(record, strerror(errno));
	buffer_free(&record->waiting);
}

/* --- closing --------------------------------------------------------------- */

static void write_last(struct chat_record *record)
{
	struct pollfd room = { .fd = record->fd, .events = POLLOUT };
	const int64_t until = clock_ms() + RECORD_CLOSE_MS;
	int64_t left;
	bool works = write_waiting(record);

	while (works && record->waiting.length && (left = until - clock_ms()) > 0) {
		poll(&room, 1, (int)left);
		works = write_waiting(record);
	}
	if (!works)
		remember(record, strerror(errno));
	else if (record->waiting.length)
		remember(record, "its reader is too slow");
}

bool chat_record_close(struct chat_record *record, struct failure *why)
{
	bool whole = true;

	if (!record)
		return true;
	write_last(record);
	if (close(record->fd) != 0 && errno != EINTR)
		remember(record, strerror(errno));
	if (record->failed.class != FAILURE_NONE) {
		*why = record->failed;
		whole = false;
	}
	buffer_free(&record->waiting);
	free(record->file);
	free(record);
	return whole;
}
