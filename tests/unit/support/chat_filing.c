/* SPDX-License-Identifier: MIT */
/* chat_filing.c - a client's files, their host being played. */
#include "chat_filing.h"

#include "get_folder.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/base64.h>
#include <sockutil/base/digest.h>
#include <sockutil/chat/clean.h>

struct chat_files *filing;

static struct buffer sent, told;
static struct failure why;
static uint64_t most;
static unsigned descriptors;

static void add_line(struct buffer *to, const char *text, size_t length)
{
	cr_assert_not(memchr(text, '\n', length), "a line of its own");
	if (to->length)
		cr_assert(buffer_add(to, "\n", 1));
	cr_assert(buffer_add(to, text, length));
}

static void on_send(void *data, const char *line, size_t length)
{
	cr_assert_eq(data, (void *)&filing);
	cr_assert_leq(length, 4096);
	add_line(&sent, line, length);
}

static void on_tell(void *data, const char *text, size_t length)
{
	cr_assert_eq(data, (void *)&filing);
	cr_assert(chat_is_clean(text, length), "%.*s", (int)length, text);
	add_line(&told, text, length);
}

static struct chat_files *made(const char *directory)
{
	const struct chat_files_options options = {
		.directory = directory,
		.max_size = most,
		.send = on_send,
		.tell = on_tell,
		.data = &filing,
	};

	return chat_files_new(&options);
}

void filing_begin(uint64_t max_size)
{
	folder_begin();
	descriptors = folder_descriptors();
	most = max_size;
	filing = made(folder_path("."));
}

void filing_into(const char *name)
{
	chat_files_free(filing);
	filing = made(folder_path(name));
}

void filing_end(void)
{
	chat_files_free(filing);
	buffer_free(&sent);
	buffer_free(&told);
	cr_assert_eq(folder_descriptors(), descriptors, "a descriptor is left open");
	folder_end();
}

static void heard(const char *line, size_t length)
{
	struct chat_event event;
	char *exact = malloc(length);

	cr_assert_not_null(exact);
	memcpy(exact, line, length);
	cr_assert(chat_event_parse(&event, exact, length), "%s", line);
	chat_files_event(filing, &event);
	free(exact);
}

void filing_heard(const char *format, ...)
{
	char line[8192];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	heard(line, strlen(line));
}

void filing_data(uint64_t number, const void *bytes, size_t length)
{
	struct buffer line = { 0 };

	cr_assert(buffer_format(&line, "data %" PRIu64 " ", number));
	cr_assert(base64_add(&line, bytes, length));
	heard(buffer_text(&line), line.length);
	buffer_free(&line);
}

static const char *taken(struct buffer *from)
{
	static char *texts[4];
	static unsigned next;
	char **text = &texts[next++ % 4];

	free(*text);
	*text = strdup(buffer_text(from));
	buffer_free(from);
	return *text;
}

const char *filing_sent(void)
{
	return taken(&sent);
}

/* " in 12ms, 3.4 MiB/s" */
static void without_times(char *text)
{
	regex_t times;
	regmatch_t at[1];

	cr_assert_eq(regcomp(&times, " in [0-9.hms]+, [0-9.]+ [KMGT]?i?B/s", REG_EXTENDED), 0);
	while (regexec(&times, text, 1, at, 0) == 0) {
		const size_t rest = (size_t)at[0].rm_eo;

		memcpy(text + at[0].rm_so, " in T", 5);
		memmove(text + at[0].rm_so + 5, text + rest, strlen(text + rest) + 1);
	}
	regfree(&times);
}

const char *filing_told(void)
{
	char *text = (char *)taken(&told);

	without_times(text);
	return text;
}

void filing_send(const char *nick, const char *path)
{
	cr_assert(chat_files_send(filing, chat_slice_of(nick), chat_slice_of(path), &why), "%s",
		  why.text);
}

const char *filing_send_refused(const char *nick, const char *path)
{
	why = (struct failure){ 0 };
	cr_assert_not(chat_files_send(filing, chat_slice_of(nick), chat_slice_of(path), &why));
	cr_assert(why.class == FAILURE_USAGE || why.class == FAILURE_INPUT);
	cr_assert(chat_is_clean(why.text, strlen(why.text)));
	return why.text;
}

void filing_accept(const char *nick, const char *name)
{
	cr_assert(chat_files_accept(filing, chat_slice_of(nick), chat_slice_of(name), &why), "%s",
		  why.text);
}

const char *filing_accept_refused(const char *nick, const char *name)
{
	why = (struct failure){ 0 };
	cr_assert_not(chat_files_accept(filing, chat_slice_of(nick), chat_slice_of(name), &why));
	cr_assert(why.class == FAILURE_USAGE || why.class == FAILURE_OUTPUT);
	cr_assert(chat_is_clean(why.text, strlen(why.text)));
	return why.text;
}

const char *filing_digest(const void *bytes, size_t length)
{
	static char text[DIGEST_TEXT_MAX];
	struct digest digest;

	digest_start(&digest, digest_find("sha256", 6));
	digest_add(&digest, bytes, length);
	return digest_finish_text(&digest, text);
}
