/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/record.c
 * Holds: a record is time, room and sentence on one line; files are made 0600, appended to and
 * followed through links; two programs share a file; nothing of a nick, room or text makes a second
 * line or steers a terminal; what says nothing to people is no record; a full disk is told once and
 * again by closing, and what comes after a torn record begins a line; a pipe without a reader is an
 * error, one that is full waits for its reader but holds up nobody, one whose reader is slow for
 * good or gone loses records and says so; a file that cannot be opened is named.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/chat/record.h>

#define TIME_MS INT64_C(1795251600123)
#define STAMP   "2026-11-21T09:00:00Z "

static char folder[] = "/tmp/chat_record_XXXXXX";
static char path[64], other[64];
static int told;
static struct chat_record *record;
static struct failure why;

static void set_up(void)
{
	int ends[2];

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/log", folder);
	snprintf(other, sizeof other, "%s/other", folder);
	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	close(ends[1]);
	told = ends[0];
	fcntl(told, F_SETFL, O_NONBLOCK);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

static void tear_down(void)
{
	unlink(path);
	unlink(other);
	rmdir(folder);
}

TestSuite(chat_record, .init = set_up, .fini = tear_down);

/* What was warned of since the last call. */
static const char *warned(void)
{
	static char text[2000];
	ssize_t count = read(told, text, sizeof text - 1);

	text[count > 0 ? count : 0] = '\0';
	return text;
}

static const char *contents(void)
{
	static char text[4000];
	int fd = open(path, O_RDONLY);
	ssize_t count = read(fd, text, sizeof text - 1);

	close(fd);
	text[count > 0 ? count : 0] = '\0';
	return text;
}

static void opened(void)
{
	record = chat_record_open(path, &why);
	cr_assert_not_null(record, "%s", why.text);
}

static void closed(void)
{
	cr_assert(chat_record_close(record, &why), "%s", why.text);
	cr_assert_eq(why.class, FAILURE_NONE);
	cr_assert_str_eq(warned(), "");
}

static void closed_with(const char *end)
{
	char sentence[200];

	snprintf(sentence, sizeof sentence, "log file %s is not complete: %s", path, end);
	cr_assert(!chat_record_close(record, &why));
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, sentence);
	cr_assert_str_eq(warned(), "");
}

static void warned_of(const char *end)
{
	char line[200];

	snprintf(line, sizeof line, "sockutil: warning: log file %s is not complete: %s\n", path,
		 end);
	cr_assert_str_eq(warned(), line);
}

static void said_in(const char *room, const char *nick, const char *text)
{
	const struct chat_event event = {
		.kind = CHAT_MESSAGE,
		.id = 1,
		.time_ms = TIME_MS,
		.room = chat_slice_of(room),
		.nick = chat_slice_of(nick),
		.text = chat_slice_of(text),
	};

	chat_record_add(record, &event, NULL);
}

static void said(const char *text)
{
	said_in("lobby", "bob", text);
}

Test(chat_record, a_line_a_record)
{
	const struct chat_event joined = {
		.kind = CHAT_JOINED,
		.time_ms = TIME_MS,
		.room = chat_slice_of("lobby"),
		.nick = chat_slice_of("carol"),
	};

	opened();
	said("hello");
	cr_assert_str_eq(contents(), STAMP "lobby <bob> hello\n");
	chat_record_add(record, &joined, NULL);
	closed();
	cr_assert_str_eq(contents(), STAMP "lobby <bob> hello\n" STAMP "lobby * carol joined\n");
}

Test(chat_record, private_messages_as_their_reader_reads_them)
{
	const struct chat_event event = {
		.kind = CHAT_PRIVATE,
		.time_ms = TIME_MS,
		.nick = chat_slice_of("alice"),
		.other = chat_slice_of("bob"),
		.text = chat_slice_of("psst"),
	};

	opened();
	chat_record_add(record, &event, "alice");
	chat_record_add(record, &event, "bob");
	closed();
	cr_assert_str_eq(contents(), STAMP "- [to bob] psst\n" STAMP "- [alice] psst\n");
}

Test(chat_record, what_has_no_time_happens_now)
{
	const struct chat_event event = { .kind = CHAT_NOTICE, .text = chat_slice_of("x") };
	char before[40], after[40];
	time_t now = time(NULL);

	opened();
	strftime(before, sizeof before, "%Y-%m-%dT%H:%M:%SZ - * x\n", gmtime(&now));
	chat_record_add(record, &event, NULL);
	now = time(NULL);
	strftime(after, sizeof after, "%Y-%m-%dT%H:%M:%SZ - * x\n", gmtime(&now));
	closed();
	cr_assert_geq(strcmp(contents(), before), 0, "%s", contents());
	cr_assert_leq(strcmp(contents(), after), 0, "%s", contents());
}

Test(chat_record, what_says_nothing_to_people_is_no_record)
{
	opened();
	chat_record_add(record, &(struct chat_event){ .kind = CHAT_PING }, NULL);
	chat_record_add(record, &(struct chat_event){ .kind = CHAT_KEPT, .number = 1 }, NULL);
	closed();
	cr_assert_str_eq(contents(), "");
}

Test(chat_record, nothing_makes_a_second_line)
{
	opened();
	said("one\n2026-11-21T09:00:00Z lobby <root> "
	     "two\r\x1b[2J\x7f\xff\xc2\x85\xe2\x80\xa8\xe2\x80\xae");
	said_in("lob\nby", "bob\n<root>", "x");
	closed();
	cr_assert_str_eq(contents(),
			 STAMP "lobby <bob> one\\x0a2026-11-21T09:00:00Z lobby <root> "
			       "two\\x0d\\x1b[2J\\x7f\\xff\\u{85}\\u{2028}\\u{202e}\n" STAMP
			       "- <bob\\x0a<root>> x\n");
}

Test(chat_record, any_time_of_a_host_is_one_line)
{
	struct chat_event event = { .kind = CHAT_JOINED, .time_ms = INT64_MAX };

	opened();
	chat_record_add(record, &event, NULL);
	event.time_ms = INT64_MIN;
	chat_record_add(record, &event, NULL);
	said("x");
	closed();
	cr_assert_not_null(strstr(contents(), "Z - *  joined\n" STAMP "lobby <bob> x\n"));
}

Test(chat_record, files_are_made_for_their_owner)
{
	struct stat now;

	umask(0);
	opened();
	closed();
	cr_assert_eq(stat(path, &now), 0);
	cr_assert_eq(now.st_mode & 07777, 0600);
}

Test(chat_record, files_that_are_there_are_appended_to)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0640);
	struct stat now;

	cr_assert_eq(write(fd, "old\n", 4), 4);
	close(fd);
	chmod(path, 0640);
	opened();
	said("new");
	closed();
	cr_assert_str_eq(contents(), "old\n" STAMP "lobby <bob> new\n");
	cr_assert_eq(stat(path, &now), 0);
	cr_assert_eq(now.st_mode & 07777, 0640);
}

Test(chat_record, links_are_followed)
{
	cr_assert_eq(symlink("other", path), 0);
	opened();
	said("x");
	closed();
	cr_assert_str_eq(contents(), STAMP "lobby <bob> x\n");
	cr_assert_eq(access(other, F_OK), 0);
}

Test(chat_record, two_share_a_file)
{
	struct chat_record *second;

	opened();
	second = record;
	opened();
	said("a");
	cr_assert(chat_record_close(second, &why));
	said("b");
	closed();
	cr_assert_str_eq(contents(), STAMP "lobby <bob> a\n" STAMP "lobby <bob> b\n");
}

Test(chat_record, what_cannot_be_opened_is_named)
{
	char sentence[200];

	cr_assert_null(chat_record_open(folder, &why));
	snprintf(sentence, sizeof sentence, "cannot open log file %s: Is a directory", folder);
	cr_assert_str_eq(why.text, sentence);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_null(chat_record_open("/nowhere/log", &why));
	cr_assert_str_eq(why.text, "cannot open log file /nowhere/log: No such file or directory");
}

Test(chat_record, closing_nothing_is_fine)
{
	cr_assert(chat_record_close(NULL, &why));
}

static void limit(rlim_t bytes)
{
	struct rlimit now;

	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &now), 0);
	now.rlim_cur = bytes;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &now), 0);
}

Test(chat_record, a_full_disk_is_told_once_and_by_closing)
{
	opened();
	said("a");
	limit(strlen(contents()));
	said("b");
	warned_of("File too large");
	said("c");
	cr_assert_str_eq(warned(), "");
	limit(RLIM_INFINITY);
	said("d");
	closed_with("File too large");
	cr_assert_str_eq(contents(), STAMP "lobby <bob> a\n" STAMP "lobby <bob> d\n");
}

Test(chat_record, behind_a_torn_record_begins_a_line)
{
	opened();
	limit(10);
	said("a");
	warned_of("File too large");
	said("b");
	limit(RLIM_INFINITY);
	said("c");
	said("d");
	closed_with("File too large");
	cr_assert_str_eq(contents(),
			 "2026-11-21\n" STAMP "lobby <bob> c\n" STAMP "lobby <bob> d\n");
}

Test(chat_record, a_pipe_without_reader_is_an_error)
{
	char sentence[200];

	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_assert_null(chat_record_open(path, &why));
	snprintf(sentence, sizeof sentence,
		 "cannot open log file %s: nobody reads this pipe; start its reader first", path);
	cr_assert_str_eq(why.text, sentence);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
}

/* A pipe with its reader, and records of 1000 bytes and more. */
static int piped(void)
{
	int reader;

	cr_assert_eq(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	cr_assert_geq(reader, 0);
	opened();
	return reader;
}

static void say_numbered(unsigned number)
{
	char text[1001];

	snprintf(text, sizeof text, "%01000u", number);
	said(text);
}

/* Reads what is there, whose records must be numbered from *next on, whole or ending with the next
 * call. */
static void read_numbered(int reader, unsigned *next)
{
	static struct buffer begun;
	char piece[4096];
	ssize_t count;

	while ((count = read(reader, piece, sizeof piece)) > 0)
		cr_assert(buffer_add(&begun, piece, (size_t)count));
	for (char *line, *end; begun.length && (end = strchr(line = buffer_text(&begun), '\n'));
	     ++*next) {
		cr_assert_eq(strncmp(line, STAMP "lobby <bob> 0", sizeof STAMP + 12), 0, "%.60s",
			     line);
		*end = '\0';
		cr_assert_eq(strtoul(strrchr(line, ' ') + 1, NULL, 10), *next);
		buffer_take(&begun, (size_t)(end - line) + 1);
	}
}

Test(chat_record, a_full_pipe_is_waited_for_and_holds_up_nobody)
{
	int reader = piped();
	unsigned next = 0, number = 0;

	/* More than any pipe holds by itself, less than what is kept. */
	while (number < 200)
		say_numbered(number++);
	cr_assert_str_eq(warned(), "");
	read_numbered(reader, &next);
	cr_assert_lt(next, number);
	while (next < number - 1) {
		unsigned before = next;

		say_numbered(number++);
		read_numbered(reader, &next);
		cr_assert_gt(next, before);
	}
	closed();
	read_numbered(reader, &next);
	cr_assert_eq(next, number);
	close(reader);
}

Test(chat_record, a_reader_that_never_reads_loses_records)
{
	int reader = piped();
	unsigned next = 0;

	for (unsigned number = 0; number < 2000; number++)
		say_numbered(number);
	warned_of("its reader is too slow");
	closed_with("its reader is too slow");
	read_numbered(reader, &next);
	cr_assert_gt(next, 0);
	close(reader);
}

Test(chat_record, what_a_reader_has_not_taken_in_time_is_told_by_closing)
{
	int reader = piped();

	for (unsigned number = 0; number < 200; number++)
		say_numbered(number);
	closed_with("its reader is too slow");
	close(reader);
}

Test(chat_record, a_reader_that_is_gone_is_told)
{
	int reader = piped();

	said("a");
	close(reader);
	said("b");
	warned_of("Broken pipe");
	reader = open(path, O_RDONLY | O_NONBLOCK);
	said("c");
	closed_with("Broken pipe");
	close(reader);
}

Test(chat_record, a_full_device_is_told)
{
	if (access("/dev/full", W_OK) != 0)
		cr_skip_test("no /dev/full here");
	cr_assert_eq(symlink("/dev/full", path), 0);
	opened();
	said("a");
	warned_of("No space left on device");
	closed_with("No space left on device");
}
