/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/base/log.c
 * Holds: the text and JSON forms, with and without a command; which levels show; the prefix alone
 * is coloured, on a terminal unless NO_COLOR or TERM=dumb, or when told; peers' controls, C1, bidi
 * overrides, separators and bad bytes come out escaped, everywhere; a message is one line and
 * bounded; batched lines leave in one write and errors at once; a full batch leaves by whole lines;
 * a failure is shown with its status and a gone reader is not; a log file is appended to, and one
 * that cannot be opened changes nothing; a full non-blocking standard error is waited for, but not
 * for ever, and keeps its flags; blocks keep newlines and tabs.
 */
#include "log_caught.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>

#define TIME_LENGTH (sizeof "{\"time\":\"2026-11-21T09:00:00.123Z\"" - 1)

/* A JSON line from its second member on. */
static const char *caught_json(void)
{
	const char *text = log_caught();

	cr_assert_eq(strncmp(text, "{\"time\":\"", 9), 0, "%s", text);
	cr_assert(strlen(text) > TIME_LENGTH);
	return text + TIME_LENGTH;
}

Test(log, a_line_names_the_program_and_the_command)
{
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE });
	log_notice("hello %d", 1);
	cr_assert_str_eq(log_caught(), "sockutil: hello 1\n");
	log_opened((struct log_options){ .command = "serve", .level = LOG_LEVEL_NOTICE });
	log_notice("hello %d", 2);
	cr_assert_str_eq(log_caught(), "sockutil serve: hello 2\n");
	cr_assert_str_eq(log_caught(), "");
}

Test(log, works_before_it_is_opened)
{
	log_catch();
	log_info("not shown");
	log_notice("shown");
	cr_assert_str_eq(log_caught(), "sockutil: shown\n");
}

Test(log, warnings_say_so)
{
	log_opened((struct log_options){ .command = "get", .level = LOG_LEVEL_DEBUG });
	log_error("e");
	cr_assert_str_eq(log_caught(), "sockutil get: e\n");
	log_warning("w");
	cr_assert_str_eq(log_caught(), "sockutil get: warning: w\n");
	log_info("i");
	cr_assert_str_eq(log_caught(), "sockutil get: i\n");
	log_debug("d");
	cr_assert_str_eq(log_caught(), "sockutil get: d\n");
}

Test(log, shows_up_to_its_level_and_errors_always)
{
	for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
		log_opened((struct log_options){ .level = (enum log_level)level });
		log_error("e");
		log_warning("w");
		log_notice("n");
		log_info("i");
		log_debug("d");
		for (int other = 0; other <= LOG_LEVEL_DEBUG; other++) {
			bool shows = other <= level;

			cr_assert_eq(log_shows((enum log_level)other), shows);
			cr_assert_eq(*log_caught() != '\0', shows);
		}
	}
}

Test(log, json_is_one_object_a_line)
{
	const struct log_field fields[] = {
		{ .key = "peer", .kind = LOG_FIELD_TEXT, .text = "[::1]:80" },
		{ .key = "name", .kind = LOG_FIELD_TEXT },
		{ .key = "bytes", .kind = LOG_FIELD_INTEGER, .integer = -5 },
		{ .key = "seconds", .kind = LOG_FIELD_REAL, .real = 0.25 },
		{ .key = "rate", .kind = LOG_FIELD_REAL, .real = INFINITY },
	};

	log_opened((struct log_options){
		.command = "serve", .level = LOG_LEVEL_NOTICE, .json = true });
	log_event(LOG_LEVEL_NOTICE, "closed", fields, 5, "closed \"%s\" \\", "x");
	cr_assert_str_eq(
		caught_json(),
		",\"level\":\"notice\",\"event\":\"closed\",\"command\":\"serve\","
		"\"message\":\"closed \\\"x\\\" \\\\\",\"peer\":\"[::1]:80\",\"name\":null,"
		"\"bytes\":-5,\"seconds\":0.25,\"rate\":null}\n");
}

Test(log, json_without_command_or_event_of_its_own)
{
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .json = true });
	log_warning("hm");
	cr_assert_str_eq(caught_json(), ",\"level\":\"warning\",\"event\":\"message\","
					"\"command\":null,\"message\":\"hm\"}\n");
}

Test(log, fields_stay_out_of_the_text)
{
	const struct log_field field = { .key = "peer", .text = "x" };

	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE });
	log_event(LOG_LEVEL_NOTICE, "connected", &field, 1, "connected");
	cr_assert_str_eq(log_caught(), "sockutil: connected\n");
	log_event(LOG_LEVEL_INFO, "connected", &field, 1, "not shown");
	cr_assert_str_eq(log_caught(), "");
}

static const struct {
	const char *source;
	const char *masked;
} masks[] = {
	{ "plain", "plain" },
	{ "\xe4\xb8\xad \xf0\x9f\x98\x80", "\xe4\xb8\xad \xf0\x9f\x98\x80" },
	{ "a\033[31mb", "a\\x1b[31mb" },
	{ "a\r\n\tb\x7f", "a\\x0d\\x0a\\x09b\\x7f" },
	{ "\xc2\x9b"
	  "31m",
	  "\\u{009b}31m" },
	{ "\x9b", "\\x9b" },
	{ "\xe2\x80\xae"
	  "x\xe2\x81\xa6",
	  "\\u{202e}x\\u{2066}" },
	{ "\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}" },
	{ "\xc3(\xed\xa0\x80", "\\xc3(\\xed\\xa0\\x80" },
	{ "\xc2\xa0\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5",
	  "\xc2\xa0\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5" },
};

Test(log, masks_what_steers_and_forges)
{
	char out[200];

	for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
		cr_assert_eq(log_mask(out, sizeof out, masks[i].source, strlen(masks[i].source)),
			     strlen(masks[i].masked));
		cr_assert_str_eq(out, masks[i].masked);
	}
	cr_assert_eq(log_mask(out, sizeof out, "a\0b", 3), 6);
	cr_assert_str_eq(out, "a\\x00b");
}

Test(log, masking_cuts_between_glyphs)
{
	char out[8] = "xxxxxxx";

	cr_assert_eq(log_mask(out, 8, "abcde\033z", 7), 10);
	cr_assert_str_eq(out, "abcde");
	cr_assert_eq(log_mask(out, 8, "abcde\xe4\xb8\xadz", 9), 9);
	cr_assert_str_eq(out, "abcde");
	cr_assert_eq(log_mask(out, 1, "abc", 3), 3);
	cr_assert_str_eq(out, "");
	out[0] = 'k';
	cr_assert_eq(log_mask(out, 0, "abc", 3), 3);
	cr_assert_eq(out[0], 'k');
}

Test(log, masks_every_line)
{
	const struct log_field field = { .key = "peer", .text = "\033\"" };

	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE });
	log_error("a\nsockutil: forged\033[2J");
	cr_assert_str_eq(log_caught(), "sockutil: a\\x0asockutil: forged\\x1b[2J\n");
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .json = true });
	log_event(LOG_LEVEL_ERROR, "e", &field, 1, "\n\"");
	cr_assert_str_eq(caught_json(), ",\"level\":\"error\",\"event\":\"e\",\"command\":null,"
					"\"message\":\"\\\\x0a\\\"\",\"peer\":\"\\\\x1b\\\"\"}\n");
}

Test(log, a_long_message_is_cut_between_characters)
{
	static char text[10001];
	const char *line;

	memset(text, 'x', 4095);
	for (size_t i = 4095; i + 3 < sizeof text; i += 3)
		memcpy(text + i, "\xe4\xb8\xad", 3);
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE });
	log_notice("%s", text);
	line = log_caught();
	cr_assert_eq(strlen(line), strlen("sockutil: ") + 4095 + 1);
	cr_assert_str_eq(line + strlen(line) - 2, "x\n");
}

Test(log, json_stays_an_object_when_fields_are_too_many)
{
	static char text[600];
	struct log_field fields[60];
	const char *line;

	memset(text, '\033', sizeof text - 1);
	for (int i = 0; i < 60; i++)
		fields[i] = (struct log_field){ .key = "k", .text = text };
	fields[59] = (struct log_field){ .key = "last", .kind = LOG_FIELD_INTEGER, .integer = 7 };
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .json = true });
	log_event(LOG_LEVEL_NOTICE, "big", fields, 60, "m");
	line = log_caught();
	cr_assert(strlen(line) > 60000);
	cr_assert_str_eq(line + strlen(line) - 12, "\",\"last\":7}\n");
	cr_assert_str_eq(log_caught(), "");
}

Test(log, batched_lines_leave_in_one_write)
{
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .batched = true });
	log_notice("one");
	log_warning("two");
	cr_assert_str_eq(log_caught(), "");
	log_flush();
	cr_assert_str_eq(log_caught(), "sockutil: one\nsockutil: warning: two\n");
	log_flush();
	cr_assert_str_eq(log_caught(), "");
}

Test(log, an_error_takes_the_batch_along_at_once)
{
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .batched = true });
	log_notice("one");
	log_error("two");
	cr_assert_str_eq(log_caught(), "sockutil: one\nsockutil: two\n");
}

Test(log, a_full_batch_leaves_by_whole_lines)
{
	static char text[1000];
	size_t lines = 0;
	const char *part;

	memset(text, 'x', sizeof text - 1);
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .batched = true });
	for (int i = 0; i < 200; i++)
		log_notice("%s", text);
	log_flush();
	while (*(part = log_caught())) {
		size_t length = strlen(part);

		cr_assert(length <= 65536);
		cr_assert_eq(length % 1010, 0);
		lines += length / 1010;
	}
	cr_assert_eq(lines, 200);
}

Test(log, opening_again_flushes_first)
{
	log_opened(
		(struct log_options){ .command = "a", .level = LOG_LEVEL_NOTICE, .batched = true });
	log_notice("one");
	log_opened(
		(struct log_options){ .command = "b", .level = LOG_LEVEL_NOTICE, .batched = true });
	cr_assert_str_eq(log_caught(), "sockutil a: one\n");
}

Test(log, a_failure_is_shown_with_its_status)
{
	struct failure why = { 0 };

	log_opened((struct log_options){ .command = "connect", .level = LOG_LEVEL_ERROR });
	cr_assert_eq(log_failure(&why), 0);
	cr_assert_str_eq(log_caught(), "");
	fail_errno(&why, FAILURE_CONNECT, ECONNREFUSED, "127.0.0.1:9");
	cr_assert_eq(log_failure(&why), 7);
	cr_assert_str_eq(log_caught(), "sockutil connect: 127.0.0.1:9: Connection refused\n");
	fail(&why, FAILURE_READER_GONE, "stdout: gone");
	cr_assert_eq(log_failure(&why), 141);
	cr_assert_str_eq(log_caught(), "");
}

Test(log, a_failure_in_json_has_status_and_class)
{
	struct failure why = { 0 };

	log_opened((struct log_options){ .level = LOG_LEVEL_ERROR, .json = true });
	fail(&why, FAILURE_LOCAL_ADDRESS, "in use");
	cr_assert_eq(log_failure(&why), 45);
	cr_assert_str_eq(caught_json(),
			 ",\"level\":\"error\",\"event\":\"failure\",\"command\":null,"
			 "\"message\":\"in use\",\"status\":45,\"class\":\"local_address\"}\n");
}

Test(log, colours_the_prefix_alone)
{
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .color = LOG_COLOR_ALWAYS });
	log_error("e");
	cr_assert_str_eq(log_caught(), "\033[31msockutil: \033[0me\n");
	log_warning("w");
	cr_assert_str_eq(log_caught(), "\033[33msockutil: warning: \033[0mw\n");
	log_notice("n");
	cr_assert_str_eq(log_caught(), "sockutil: n\n");
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .color = LOG_COLOR_AUTO });
	log_error("e");
	cr_assert_str_eq(log_caught(), "sockutil: e\n");
	log_opened((struct log_options){
		.level = LOG_LEVEL_NOTICE, .color = LOG_COLOR_ALWAYS, .json = true });
	log_error("e");
	cr_assert_null(strchr(log_caught(), '\033'));
}

/* Whether an error on a terminal comes in colour. */
static bool coloured_on_a_terminal(int terminal, enum log_color color)
{
	struct log_options options = { .level = LOG_LEVEL_NOTICE, .color = color };
	struct failure why = { 0 };
	char text[100];
	ssize_t count;

	cr_assert(log_open(&options, &why));
	log_error("e");
	count = read(terminal, text, sizeof text);
	cr_assert(count > 0);
	return memchr(text, '\033', (size_t)count);
}

Test(log, colours_on_a_terminal_unless_told_not_to)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	int line;

	cr_assert(terminal >= 0 && !grantpt(terminal) && !unlockpt(terminal));
	line = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	dup2(line, STDERR_FILENO);
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	cr_assert(coloured_on_a_terminal(terminal, LOG_COLOR_AUTO));
	cr_assert_not(coloured_on_a_terminal(terminal, LOG_COLOR_NEVER));
	setenv("NO_COLOR", "", 1);
	cr_assert(coloured_on_a_terminal(terminal, LOG_COLOR_AUTO));
	setenv("NO_COLOR", "1", 1);
	cr_assert_not(coloured_on_a_terminal(terminal, LOG_COLOR_AUTO));
	cr_assert(coloured_on_a_terminal(terminal, LOG_COLOR_ALWAYS));
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	cr_assert_not(coloured_on_a_terminal(terminal, LOG_COLOR_AUTO));
}

Test(log, a_file_is_appended_to)
{
	char folder[] = "/tmp/sockutil-log-XXXXXX", path[64], text[200] = { 0 };
	struct stat info;
	FILE *file;

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/log", folder);
	file = fopen(path, "w");
	fputs("old\n", file);
	fclose(file);
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .file = path });
	log_notice("new");
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .file = "-" });
	log_notice("here");
	cr_assert_str_eq(log_caught(), "sockutil: here\n");
	file = fopen(path, "r");
	cr_assert(fread(text, 1, sizeof text - 1, file) > 0);
	fclose(file);
	cr_assert_str_eq(text, "old\nsockutil: new\n");
	unlink(path);
	umask(022);
	log_opened((struct log_options){ .level = LOG_LEVEL_NOTICE, .file = path });
	cr_assert_eq(stat(path, &info), 0);
	cr_assert_eq(info.st_mode & 0777, 0644);
	unlink(path);
	rmdir(folder);
}

Test(log, a_file_that_cannot_be_opened_changes_nothing)
{
	struct log_options options = { .command = "b", .file = "/nonexistent/log" };
	struct failure why = { 0 };

	log_opened((struct log_options){ .command = "a", .level = LOG_LEVEL_NOTICE });
	cr_assert_not(log_open(&options, &why));
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text,
			 "cannot open log file /nonexistent/log: No such file or directory");
	log_notice("still here");
	cr_assert_str_eq(log_caught(), "sockutil a: still here\n");
}

/* Standard error becomes a non-blocking pipe that is full. */
static int full_pipe(size_t *filled)
{
	static char bytes[4096];
	int ends[2];
	ssize_t count;

	cr_assert_eq(pipe(ends), 0);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	for (*filled = 0; (count = write(ends[1], bytes, sizeof bytes)) > 0;)
		*filled += (size_t)count;
	cr_assert_eq(errno, EAGAIN);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	return ends[0];
}

struct drain {
	int fd;
	size_t skip;
	char text[100];
};

/* Reads all there is and keeps what comes behind skip bytes, up to a newline. */
static void *drain(void *argument)
{
	struct drain *d = argument;
	size_t kept = 0;
	char byte;

	while (kept < sizeof d->text - 1 && read(d->fd, &byte, 1) == 1) {
		if (d->skip) {
			d->skip--;
			continue;
		}
		d->text[kept++] = byte;
		if (byte == '\n')
			break;
	}
	return NULL;
}

Test(log, waits_for_a_full_standard_error_and_leaves_its_flags)
{
	struct drain d = { 0 };
	pthread_t thread;

	d.fd = full_pipe(&d.skip);
	cr_assert_eq(pthread_create(&thread, NULL, drain, &d), 0);
	log_error("at last");
	cr_assert(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK);
	pthread_join(thread, NULL);
	cr_assert_str_eq(d.text, "sockutil: at last\n");
}

Test(log, does_not_wait_for_ever)
{
	size_t filled;
	int fd = full_pipe(&filled);
	int64_t start = clock_ms();

	errno = EDOM;
	log_error("nobody reads this");
	cr_assert_eq(errno, EDOM);
	cr_assert(clock_ms() - start >= 900);
	cr_assert(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK);
	close(fd);
}

Test(log, a_closed_standard_error_is_no_trouble)
{
	close(STDERR_FILENO);
	log_error("nowhere");
	log_terminal("nowhere", 7);
	log_block("nowhere\n", 8);
}

Test(log, a_block_keeps_newlines_and_tabs)
{
	const char *text = "a\tb\n\n\033c\nlast";

	log_opened((struct log_options){ .level = LOG_LEVEL_ERROR });
	log_block(text, strlen(text));
	cr_assert_str_eq(log_caught(), "a\tb\n\n\\x1bc\nlast");
	log_block("", 0);
	cr_assert_str_eq(log_caught(), "");
}

Test(log, a_long_block_comes_whole)
{
	static char text[150000], got[150000];
	size_t length = 0;
	const char *part;

	memset(text, 'x', sizeof text);
	text[100] = text[101] = text[140000] = '\n';
	log_opened((struct log_options){ .level = LOG_LEVEL_ERROR });
	log_block(text, sizeof text);
	while (*(part = log_caught())) {
		memcpy(got + length, part, strlen(part));
		length += strlen(part);
	}
	cr_assert_eq(length, sizeof text);
	cr_assert_eq(memcmp(got, text, length), 0);
}

Test(log, a_block_in_json_is_an_object_a_line)
{
	const char *text = "a\tb\nc";
	char lines[2][200];

	log_opened((struct log_options){ .level = LOG_LEVEL_ERROR, .json = true });
	log_block(text, strlen(text));
	snprintf(lines[0], sizeof lines[0], "%s", caught_json());
	snprintf(lines[1], sizeof lines[1], "%s", caught_json());
	cr_assert_str_eq(lines[0], ",\"level\":\"notice\",\"event\":\"text\",\"command\":null,"
				   "\"message\":\"a\\\\x09b\"}\n");
	cr_assert_str_eq(lines[1], ",\"level\":\"notice\",\"event\":\"text\",\"command\":null,"
				   "\"message\":\"c\"}\n");
}
