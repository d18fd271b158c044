/* SPDX-License-Identifier: MIT */
/* files_sending.c - files that are given: opened, offered, read as the receiver keeps up. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/base64.h>
#include <sockutil/base/clock.h>
#include <sockutil/base/number.h>
#include <sockutil/chat/files_parts.h>
#include <sockutil/chat/offers.h>

/* ------ /send ------ */

/* The name as it is opened: "~/" as a shell would take it. NULL: why. */
static const char *path_of(struct buffer *path, struct chat_slice typed, struct failure *why)
{
	const char *home = getenv("HOME");
	const char *text;

	if (typed.length == 0 || memchr(typed.bytes, '\0', typed.length)) {
		fail(why, FAILURE_USAGE, "/send NICK FILE: which file?");
		return NULL;
	}
	if (home && *home && typed.bytes[0] == '~' &&
	    (typed.length == 1 || typed.bytes[1] == '/')) {
		buffer_format(path, "%s", home);
		typed.bytes++;
		typed.length--;
	}
	buffer_add(path, typed.bytes, typed.length);
	text = buffer_text(path);
	if (!text)
		fail(why, FAILURE_OTHER, "/send: memory is short");
	return text;
}

/* A FIFO or a device would hold us up, or never end. -1: why. */
static int open_regular(const char *path, uint64_t *size, struct failure *why)
{
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (fd < 0) {
		fail_errno(why, FAILURE_INPUT, errno, "/send: %s", path);
		return -1;
	}
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
		*size = (uint64_t)status.st_size;
		return fd;
	}
	close(fd);
	fail(why, FAILURE_INPUT, "/send: %s: only regular files can be sent", path);
	return -1;
}

static bool may_send(const struct chat_files *files, struct chat_slice nick, struct failure *why)
{
	if (nick.length == 0 || nick.length >= CHAT_NICK_MAX)
		fail(why, FAILURE_USAGE, "/send NICK FILE: to whom?");
	else if (chat_files_count(files->given) >= CHAT_OFFERS_EACH)
		fail(why, FAILURE_USAGE, "/send: %d files are offered or under way already",
		     CHAT_OFFERS_EACH);
	else
		return true;
	return false;
}

static bool send_path(struct chat_files *files, struct chat_slice nick, const char *path,
		      struct failure *why)
{
	struct chat_file *file;
	char name[FILE_NAME_MAX];
	uint64_t size;
	int fd;

	fd = open_regular(path, &size, why);
	if (fd < 0)
		return false;
	if (!chat_offer_name(chat_slice_of(path), name)) {
		close(fd);
		fail(why, FAILURE_USAGE,
		     "/send: %s: cannot be offered under that name; give it one without a dot in "
		     "front",
		     path);
		return false;
	}
	file = chat_files_add(&files->given, nick, size);
	file->fd = fd;
	snprintf(file->name, sizeof(file->name), "%s", name);
	chat_files_line(files, "/offer %s %" PRIu64 " %s", file->nick, size, name);
	return true;
}

bool chat_files_send(struct chat_files *files, struct chat_slice nick, struct chat_slice path,
		     struct failure *why)
{
	struct buffer text = { 0 };
	const char *name;
	bool done = may_send(files, nick, why);

	if (done)
		done = (name = path_of(&text, path, why)) && send_path(files, nick, name, why);
	buffer_free(&text);
	if (!done) {
		files->failed = files->failed ? files->failed : FAILURE_SEND;
		chat_files_clean(why);
	}
	return done;
}

/* ------ its way ------ */

/* Why it cannot go on; NULL: it can. */
static const char *read_piece(struct chat_file *file, unsigned char *bytes, size_t count)
{
	for (size_t at = 0; at < count;) {
		const ssize_t n = pread(file->fd, bytes + at, count - at, (off_t)(file->done + at));

		if (n == 0)
			return "the file has become shorter";
		if (n < 0 && errno != EINTR)
			return strerror(errno);
		if (n > 0)
			at += (size_t)n;
	}
	return NULL;
}

static void send_piece(struct chat_files *files, struct chat_file *file, size_t count)
{
	unsigned char bytes[CHAT_OFFER_DATA];
	const char *reason = read_piece(file, bytes, count);
	struct buffer line = { 0 };

	if (!reason && (!buffer_format(&line, "/data %" PRIu64 " ", file->number) ||
			!base64_add(&line, bytes, count)))
		reason = "memory is short";
	if (reason) {
		chat_files_drop(files, file, reason);
	} else {
		digest_add(&file->digest, bytes, count);
		file->done += count;
		files->options.send(files->options.data, buffer_bytes(&line), line.length);
		chat_files_progress(files, file);
	}
	buffer_free(&line);
}

static void send_end(struct chat_files *files, struct chat_file *file)
{
	char digest[DIGEST_TEXT_MAX], byte;

	if (pread(file->fd, &byte, 1, (off_t)file->size) > 0) {
		chat_files_drop(files, file, "the file has grown meanwhile");
		return;
	}
	file->state = CHAT_FILE_SENT;
	chat_files_line(files, "/done %" PRIu64 " %s", file->number,
			digest_finish_text(&file->digest, digest));
}

/* Bytes of its next line, 0: what comes next is its end. */
static size_t next_piece(const struct chat_file *file)
{
	const uint64_t rest = file->size - file->done;

	return rest < CHAT_OFFER_DATA ? (size_t)rest : CHAT_OFFER_DATA;
}

/* Out of the list: one whose turn it is. NULL: none may send. */
static struct chat_file *take_next(struct chat_file **list)
{
	struct chat_file *file;

	for (; (file = *list); list = &file->next)
		if (file->state == CHAT_FILE_GOING &&
		    file->done + next_piece(file) <= file->taken + CHAT_OFFER_WINDOW) {
			*list = file->next;
			file->next = NULL;
			return file;
		}
	return NULL;
}

bool chat_files_more(struct chat_files *files)
{
	struct chat_file *file = take_next(&files->given), **end = &files->given;

	if (!file)
		return false;
	/* Behind the others, who have their turn first next time. */
	while (*end)
		end = &(*end)->next;
	*end = file;
	if (next_piece(file) > 0)
		send_piece(files, file, next_piece(file));
	else
		send_end(files, file);
	return true;
}

/* ------ what the host says about it ------ */

void chat_files_asked(struct chat_files *files, struct chat_file *file,
		      const struct chat_event *event)
{
	char size[32];

	file->number = event->number;
	file->state = CHAT_FILE_OFFERED;
	chat_files_say(files, "* %s (%s) is offered to %s", file->name,
		       size_text(size, sizeof(size), file->size), file->nick);
}

static void go(struct chat_files *files, struct chat_file *file)
{
	file->state = CHAT_FILE_GOING;
	file->begun_ms = clock_ms();
	digest_start(&file->digest, digest_find("sha256", 6));
	chat_files_say(files, "* %s takes %s", file->nick, file->name);
}

void chat_files_sending(struct chat_files *files, struct chat_file *file,
			const struct chat_event *event)
{
	char pace[CHAT_FILES_PACE_MAX];

	if (event->kind == CHAT_TAKE && file->state == CHAT_FILE_OFFERED) {
		go(files, file);
	} else if (event->kind == CHAT_TAKEN && file->state >= CHAT_FILE_GOING &&
		   event->size > file->taken && event->size <= file->done) {
		file->taken = event->size;
	} else if (event->kind == CHAT_KEPT && file->state == CHAT_FILE_SENT) {
		chat_files_say(files, "* %s has %s: %s", file->nick, file->name,
			       chat_files_pace(pace, file));
		chat_files_end(files, file);
	} else {
		chat_files_drop(files, file, "the host's word about it was out of turn");
	}
}
