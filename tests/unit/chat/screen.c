/* SPDX-License-Identifier: MIT */
/* tests/unit/chat/screen.c
 * Holds, for plain lines: hooks come from the loop alone; lines end with LF or CR LF, the last one
 * needs no end; a line of just the limit is whole, a longer one comes in pieces that cut no
 * character; held lines wait, those read before it as well; the end is told once, behind the last
 * line, and not while held; what is shown is written in order, with its end; a slow reader puts it
 * behind, and taken is called when all is written; a reader that is gone is told once, and nothing
 * after it matters; a full disk is told; --simple's prompt; the owner may free the screen in every
 * hook; freeing writes what waits, and says what could not be written within a second; descriptors
 * keep their flags. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/clock.h>
#include <sockutil/chat/screen_parts.h>

static struct ev_loop *loop;
static struct chat_screen *screen;
static int typing, reading; /* the other ends of standard input and output */
static int kept[2];         /* as the test program found them */
static struct buffer told;  /* "line\n" for each */
static struct buffer shown; /* what the reader of standard output got */
static struct failure why;
static int ends, failures, takens;
static bool interrupted_end;
static const char *free_in = ""; /* the hook that frees the screen */
static size_t hold_after;        /* holds in that line's hook, from 1 */
static size_t lines;

static void free_if(const char *hook)
{
	struct failure ignored;

	if (strcmp(free_in, hook) != 0)
		return;
	chat_screen_free(screen, &ignored);
	screen = NULL;
}

static void on_line(void *data, const char *bytes, size_t length)
{
	cr_assert_eq(data, &told);
	cr_assert(buffer_add(&told, bytes, length));
	cr_assert(buffer_add(&told, chat_screen_cut(screen) ? "..." : "\n",
			     chat_screen_cut(screen) ? 3 : 1));
	if (++lines == hold_after)
		chat_screen_hold(screen, true);
	free_if("line");
}

static void on_ended(void *data, bool interrupted, const struct failure *reason)
{
	(void)data;
	ends++;
	interrupted_end = interrupted;
	why = *reason;
	free_if("ended");
}

static void on_failed(void *data, const struct failure *reason)
{
	(void)data;
	failures++;
	why = *reason;
	free_if("failed");
}

static void on_taken(void *data)
{
	(void)data;
	takens++;
	free_if("taken");
}

static void start(const struct chat_screen_options *different)
{
	struct chat_screen_options options = {
		.loop = loop,
		.prompt = "",
		.line_max = 8,
		.line = on_line,
		.ended = on_ended,
		.failed = on_failed,
		.data = &told,
		.edit = true,
	};

	if (different) {
		options.prompt = different->prompt;
		options.prompt_always = different->prompt_always;
	}
	screen = chat_screen_new(&options, &why);
	cr_assert_not_null(screen);
	cr_assert_eq(lines + (size_t)ends + (size_t)failures, 0);
}

static void set_up(void)
{
	int in[2], out[2];

	signal(SIGPIPE, SIG_IGN);
	fflush(stdout);
	cr_assert_eq(pipe(in), 0);
	cr_assert_eq(pipe(out), 0);
	kept[0] = dup(0);
	kept[1] = dup(1);
	dup2(in[0], 0);
	dup2(out[1], 1);
	close(in[0]);
	close(out[1]);
	typing = in[1];
	reading = out[0];
	fcntl(reading, F_SETFL, O_NONBLOCK);
	loop = ev_loop_new(EVFLAG_NOENV);
}

static void tear_down(void)
{
	struct failure ignored;

	chat_screen_free(screen, &ignored);
	dup2(kept[0], 0);
	dup2(kept[1], 1);
	ev_loop_destroy(loop);
	buffer_free(&told);
	buffer_free(&shown);
}

TestSuite(chat_screen, .init = set_up, .fini = tear_down);

static void type(const char *text)
{
	cr_assert_eq(write(typing, text, strlen(text)), (ssize_t)strlen(text));
}

static void type_end(void)
{
	close(typing);
	typing = -1;
}

/* Turns of the loop until nothing more is done. */
static void turns(void)
{
	for (int i = 0; i < 20; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

static void drain(void)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(reading, bytes, sizeof(bytes))) > 0)
		cr_assert(buffer_add(&shown, bytes, (size_t)n));
}

static const char *got(void)
{
	turns();
	drain();
	return buffer_text(&shown);
}

static void show(const char *line)
{
	chat_screen_show(screen, line, strlen(line));
}

static void assert_told(const char *expected)
{
	turns();
	cr_assert_str_eq(buffer_text(&told), expected, "%s", buffer_text(&told));
}

Test(chat_screen, pipes_are_not_edited_and_not_seen)
{
	start(NULL);
	cr_assert(!chat_screen_edits(screen));
	cr_assert(!chat_screen_seen(screen));
	chat_screen_bell(screen);
	chat_screen_clear(screen);
	cr_assert_str_eq(got(), "");
}

Test(chat_screen, lines_end_with_lf_or_cr_lf)
{
	start(NULL);
	type("one\ntwo\r\n\n\r\nth");
	assert_told("one\ntwo\n\n\n");
	type("r\ree\n");
	assert_told("one\ntwo\n\n\nthr\ree\n");
	cr_assert_eq(ends, 0);
}

Test(chat_screen, the_last_line_needs_no_end)
{
	start(NULL);
	type("one\ntwo");
	type_end();
	assert_told("one\ntwo\n");
	cr_assert_eq(ends, 1);
	cr_assert_eq(why.class, FAILURE_NONE);
	cr_assert(!interrupted_end);
	turns();
	cr_assert_eq(ends, 1);
}

Test(chat_screen, no_input_is_an_end_alone)
{
	start(NULL);
	type_end();
	assert_told("");
	cr_assert_eq(ends, 1);
}

Test(chat_screen, a_line_of_just_the_limit_is_whole)
{
	start(NULL);
	type("12345678\n12345678\r\n");
	assert_told("12345678\n12345678\n");
	type("12345678");
	type_end();
	assert_told("12345678\n12345678\n12345678\n");
}

Test(chat_screen, a_longer_line_comes_in_pieces)
{
	start(NULL);
	type("123456789\n");
	assert_told("12345678...9\n");
	type("123456789012345678");
	type_end();
	assert_told("12345678...9\n12345678...90123456...78\n");
}

Test(chat_screen, a_piece_cuts_no_character)
{
	start(NULL);
	type("1234567\xe4\xbd\xa0z\n");
	assert_told("1234567...\xe4\xbd\xa0z\n");
}

Test(chat_screen, held_lines_wait)
{
	start(NULL);
	hold_after = 2;
	type("one\ntwo\nthree\n");
	assert_told("one\ntwo\n");
	type("four\n");
	type_end();
	assert_told("one\ntwo\n");
	chat_screen_hold(screen, false);
	cr_assert_eq(lines, 2, "hooks come from the loop");
	assert_told("one\ntwo\nthree\nfour\n");
	cr_assert_eq(ends, 1);
}

Test(chat_screen, the_end_waits_while_held)
{
	start(NULL);
	chat_screen_hold(screen, true);
	type_end();
	turns();
	cr_assert_eq(ends, 0);
	chat_screen_hold(screen, false);
	turns();
	cr_assert_eq(ends, 1);
}

Test(chat_screen, what_is_shown_is_written_in_order)
{
	start(NULL);
	show("one");
	show("");
	show("two");
	cr_assert_eq(read(reading, (char[1]){ 0 }, 1), -1, "the loop writes");
	cr_assert_str_eq(got(), "one\n\ntwo\n");
}

Test(chat_screen, a_slow_reader_puts_it_behind)
{
	char line[1000];
	size_t count = 0;

	start(NULL);
	memset(line, 'x', sizeof(line));
	cr_assert(!chat_screen_behind(screen, on_taken));
	while (!chat_screen_behind(screen, on_taken)) {
		chat_screen_show(screen, line, sizeof(line));
		ev_run(loop, EVRUN_NOWAIT);
		count++;
	}
	turns();
	cr_assert_eq(takens, 0);
	for (int i = 0; i < 1000 && takens == 0; i++) {
		drain();
		ev_run(loop, EVRUN_NOWAIT);
	}
	cr_assert_eq(takens, 1);
	drain();
	cr_assert_eq(shown.length, count * (sizeof(line) + 1));
	show("more");
	turns();
	cr_assert_eq(takens, 1);
}

Test(chat_screen, a_reader_that_is_gone_is_told_once)
{
	start(NULL);
	close(reading);
	show("one");
	turns();
	cr_assert_eq(failures, 1);
	cr_assert_eq(why.class, FAILURE_READER_GONE);
	show("two");
	turns();
	cr_assert_eq(failures, 1);
	cr_assert(!chat_screen_behind(screen, on_taken));
	/* Lines still come. */
	type("three\n");
	assert_told("three\n");
	cr_assert(chat_screen_free(screen, &why), "it was told");
	screen = NULL;
}

Test(chat_screen, a_full_disk_is_told)
{
	int full = open("/dev/full", O_WRONLY);

	if (full < 0)
		cr_skip_test("no /dev/full here");
	dup2(full, 1);
	close(full);
	start(NULL);
	show("one");
	turns();
	cr_assert_eq(failures, 1);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, "standard output: No space left on device");
}

Test(chat_screen, input_that_cannot_be_read_is_told)
{
	int folder = open("/", O_RDONLY);

	dup2(folder, 0);
	close(folder);
	start(NULL);
	turns();
	cr_assert_eq(ends, 1);
	cr_assert_eq(why.class, FAILURE_INPUT);
	cr_assert_str_eq(why.text, "standard input: Is a directory");
}

Test(chat_screen, a_prompt_stands_behind_what_is_shown)
{
	start(&(struct chat_screen_options){ .prompt = "client:", .prompt_always = true });
	cr_assert_str_eq(got(), "client:");
	show("one");
	show("two");
	cr_assert_str_eq(got(), "client:\none\ntwo\nclient:");
	chat_screen_hold(screen, true);
	show("three");
	cr_assert_str_eq(got(), "client:\none\ntwo\nclient:\nthree\n");
	chat_screen_prompt(screen, "you:");
	chat_screen_hold(screen, false);
	cr_assert_str_eq(got(), "client:\none\ntwo\nclient:\nthree\nyou:");
}

Test(chat_screen, only_where_it_is_wanted_has_a_pipe_a_prompt)
{
	start(&(struct chat_screen_options){ .prompt = "> " });
	show("one");
	cr_assert_str_eq(got(), "one\n");
}

Test(chat_screen, it_may_be_freed_in_the_hook_of_a_line)
{
	free_in = "line";
	start(NULL);
	type("one\ntwo\n");
	assert_told("one\n");
	cr_assert_null(screen);
}

Test(chat_screen, it_may_be_freed_in_the_hook_of_the_end)
{
	free_in = "ended";
	start(NULL);
	type("one\n");
	type_end();
	assert_told("one\n");
	cr_assert_null(screen);
}

Test(chat_screen, it_may_be_freed_in_the_hook_of_a_failure)
{
	free_in = "failed";
	start(NULL);
	close(reading);
	show("one");
	turns();
	cr_assert_null(screen);
}

Test(chat_screen, it_may_be_freed_in_the_hook_of_taken)
{
	static char line[100000];

	free_in = "taken";
	start(NULL);
	chat_screen_show(screen, line, sizeof(line));
	cr_assert(chat_screen_behind(screen, on_taken));
	for (int i = 0; i < 1000 && screen; i++) {
		drain();
		ev_run(loop, EVRUN_NOWAIT);
	}
	cr_assert_null(screen);
	cr_assert_eq(takens, 1);
}

Test(chat_screen, freeing_writes_what_waits)
{
	start(NULL);
	show("one");
	cr_assert(chat_screen_free(screen, &why));
	screen = NULL;
	drain();
	cr_assert_str_eq(buffer_text(&shown), "one\n");
}

Test(chat_screen, freeing_waits_a_second_at_most)
{
	static char line[200000];
	const int64_t before = clock_ms();
	char expected[100];

	start(NULL);
	chat_screen_show(screen, line, sizeof(line));
	cr_assert(!chat_screen_free(screen, &why));
	screen = NULL;
	cr_assert(clock_ms() - before >= 1000);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	drain();
	snprintf(expected, sizeof(expected),
		 "standard output: its reader has not taken the last %zu bytes",
		 sizeof(line) + 1 - shown.length);
	cr_assert_str_eq(why.text, expected);
}

Test(chat_screen, descriptors_keep_their_flags)
{
	start(NULL);
	type("one\n");
	show("two");
	turns();
	cr_assert_eq(fcntl(0, F_GETFL) & O_NONBLOCK, 0);
	cr_assert_eq(fcntl(1, F_GETFL) & O_NONBLOCK, 0);
}
