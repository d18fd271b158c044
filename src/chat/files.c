/* SPDX-License-Identifier: MIT */
/* files.c - what files that are given and files that are got have in common. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/base/utf8.h>
#include <sockutil/chat/clean.h>
#include <sockutil/chat/files_parts.h>

enum {
	SENTENCE_MAX = 2048,
	LONG = 1024 * 1024, /* bytes from which on progress is told */
	QUARTERS = 4,
};

struct chat_files *chat_files_new(const struct chat_files_options *options)
{
	struct chat_files *files = memory_zeroed(1, sizeof(*files));

	files->options = *options;
	files->directory = memory_string(options->directory ? options->directory : ".");
	return files;
}

/* ------ the lists ------ */

struct chat_file *chat_files_add(struct chat_file **list, struct chat_slice nick, uint64_t size)
{
	struct chat_file *file = memory_zeroed(1, sizeof(*file));

	memcpy(file->nick, nick.bytes, nick.length);
	file->size = size;
	file->fd = file->folder = -1;
	while (*list)
		list = &(*list)->next;
	*list = file;
	return file;
}

struct chat_file *chat_files_find(struct chat_file *list, uint64_t number)
{
	while (list && (list->number != number || number == 0))
		list = list->next;
	return list;
}

size_t chat_files_count(const struct chat_file *list)
{
	size_t count = 0;

	for (; list; list = list->next)
		count++;
	return count;
}

static bool take_out(struct chat_file **list, const struct chat_file *file)
{
	while (*list && *list != file)
		list = &(*list)->next;
	if (!*list)
		return false;
	*list = file->next;
	return true;
}

void chat_files_end(struct chat_files *files, struct chat_file *file)
{
	if (!take_out(&files->given, file))
		take_out(&files->got, file);
	if (file->fd >= 0)
		close(file->fd);
	if (file->part)
		unlinkat(file->folder, file->part, 0);
	if (file->folder >= 0)
		close(file->folder);
	free(file->part);
	free(file);
}

void chat_files_free(struct chat_files *files)
{
	if (!files)
		return;
	while (files->given)
		chat_files_end(files, files->given);
	while (files->got)
		chat_files_end(files, files->got);
	free(files->directory);
	free(files);
}

/* ------ what is said ------ */

void chat_files_say(struct chat_files *files, const char *format, ...)
{
	char text[SENTENCE_MAX];
	struct buffer clean = { 0 };
	va_list arguments;

	va_start(arguments, format);
	if (vsnprintf(text, sizeof(text), format, arguments) < 0)
		text[0] = '\0';
	va_end(arguments);
	if (chat_clean(&clean, text, strlen(text)))
		files->options.tell(files->options.data, buffer_bytes(&clean), clean.length);
	buffer_free(&clean);
}

void chat_files_line(struct chat_files *files, const char *format, ...)
{
	char line[SENTENCE_MAX];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (length > 0 && (size_t)length < sizeof(line))
		files->options.send(files->options.data, line, (size_t)length);
}

void chat_files_clean(struct failure *why)
{
	struct buffer clean = { 0 };
	size_t length;

	if (chat_clean(&clean, why->text, strlen(why->text))) {
		length = utf8_cut(buffer_bytes(&clean), clean.length, sizeof(why->text) - 1);
		memcpy(why->text, buffer_bytes(&clean), length);
		why->text[length] = '\0';
	}
	buffer_free(&clean);
}

/* "report.pdf for bob", "report.pdf from bob" */
static bool is_given(const struct chat_files *files, const struct chat_file *file)
{
	const struct chat_file *given = files->given;

	while (given && given != file)
		given = given->next;
	return given;
}

static void say_over(struct chat_files *files, const struct chat_file *file, const char *reason)
{
	if (files->failed == FAILURE_NONE && is_given(files, file))
		files->failed = FAILURE_SEND;
	else if (files->failed == FAILURE_NONE && file->state != CHAT_FILE_OFFERED)
		files->failed = FAILURE_TRUNCATED;
	chat_files_say(files, "* %s %s %s: %s", file->name, is_given(files, file) ? "for" : "from",
		       file->nick, reason);
}

void chat_files_drop(struct chat_files *files, struct chat_file *file, const char *reason)
{
	chat_files_line(files, "/drop %" PRIu64 " %s", file->number, reason);
	say_over(files, file, reason);
	chat_files_end(files, file);
}

const char *chat_files_pace(char out[static CHAT_FILES_PACE_MAX], const struct chat_file *file)
{
	const int64_t ms = file->begun_ms ? clock_ms() - file->begun_ms : 0;
	const double rate = (double)file->done * 1000 / (double)(ms > 0 ? ms : 1);
	char size[32], time[32], pace[32];

	snprintf(out, CHAT_FILES_PACE_MAX, "%s in %s, %s/s",
		 size_text(size, sizeof(size), file->done), duration_text(time, sizeof(time), ms),
		 size_text(pace, sizeof(pace), (uint64_t)rate));
	return out;
}

void chat_files_progress(struct chat_files *files, struct chat_file *file)
{
	const unsigned quarter =
		file->size < LONG ? 0 : (unsigned)(file->done / (file->size / QUARTERS));
	char size[32];

	if (quarter <= file->quarter || quarter >= QUARTERS)
		return;
	file->quarter = quarter;
	chat_files_say(files, "* %s %s %s: %u%% of %s", file->name,
		       is_given(files, file) ? "for" : "from", file->nick, quarter * 100 / QUARTERS,
		       size_text(size, sizeof(size), file->size));
}

/* ------ what is heard ------ */

static void dropped(struct chat_files *files, struct chat_file *file,
		    const struct chat_event *event)
{
	char reason[SENTENCE_MAX / 2];

	snprintf(reason, sizeof(reason), "%.*s", (int)event->text.length, event->text.bytes);
	say_over(files, file, *reason ? reason : "dropped");
	chat_files_end(files, file);
}

/* The answer to the oldest /offer without one. */
static struct chat_file *oldest_asked(struct chat_files *files)
{
	struct chat_file *file = files->given;

	while (file && file->state != CHAT_FILE_ASKED)
		file = file->next;
	return file;
}

void chat_files_event(struct chat_files *files, const struct chat_event *event)
{
	struct chat_file *given = chat_files_find(files->given, event->number);
	struct chat_file *got = chat_files_find(files->got, event->number);

	if (event->kind == CHAT_OFFERING) {
		/* A number that is in use says nothing new. */
		if (event->number && !given && !got && oldest_asked(files))
			chat_files_asked(files, oldest_asked(files), event);
		return;
	}
	if (event->kind == CHAT_OFFERED) {
		if (event->number && !given && !got)
			chat_files_offered(files, event);
		return;
	}
	if (event->kind == CHAT_DROPPED && event->number == 0)
		given = oldest_asked(files);
	if (event->kind == CHAT_DROPPED && (given || got))
		dropped(files, given ? given : got, event);
	else if (given)
		chat_files_sending(files, given, event);
	else if (got)
		chat_files_receiving(files, got, event);
}

bool chat_files_busy(const struct chat_files *files)
{
	const struct chat_file *got = files->got;

	while (got && got->state == CHAT_FILE_OFFERED)
		got = got->next;
	return got || files->given;
}

bool chat_files_offering(const struct chat_files *files)
{
	const struct chat_file *given = files->given;

	while (given && given->state > CHAT_FILE_OFFERED)
		given = given->next;
	return given;
}

enum failure_class chat_files_failed(const struct chat_files *files)
{
	return files->failed;
}

void chat_files_over(struct chat_files *files, const char *reason)
{
	struct chat_file *file;

	while ((file = files->given ? files->given : files->got)) {
		say_over(files, file, reason);
		chat_files_end(files, file);
	}
}
