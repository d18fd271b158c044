/* SPDX-License-Identifier: MIT */
/* tests/unit/get/output.c
 * Holds: nothing is created or changed before a body is there; a try that ends early is gone on
 * with where it ended, or started over; what cannot be continued at a position says so; the sink's
 * descriptor can be read; a full disk; -J's name stays the same over several tries. A device, a
 * FIFO and an inherited descriptor are written as they are and never unlinked, renamed or emptied;
 * a FIFO without a reader says so, and may be tried again; descriptors of our own are not written
 * to; closing errors are told. Standard output stays open for the next. Every descriptor is closed
 * in the end. */
#include "get_folder.h"
#include "output_faults.h"
#include "output_made.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

TestSuite(output, .init = made_begin, .fini = made_end);

static struct failure why;

static struct output *named(const char *file)
{
	struct output_options options = made_options(OUTPUT_FILE, file);

	return made(&options);
}

static uint64_t held(struct output *o)
{
	struct validator *v = calloc(1, sizeof *v);
	bool foreign;
	uint64_t bytes = output_held(o, v, &foreign);

	cr_assert_not(foreign);
	free(v);
	return bytes;
}

/* --- files ------------------------------------------------------------------ */

Test(output, nothing_is_created_before_there_is_a_body)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");
	struct output *o;

	folder_put("f", "old");
	options.create_dirs = options.continuing = true;
	o = made(&options);
	options.file = "g";
	output_free(made(&options));
	options.file = "sub/h";
	output_free(made(&options));
	output_free(o);
	cr_assert_str_eq(folder_list(), "f");
	cr_assert_str_eq(folder_get("f"), "old");
	output_free(NULL);
}

Test(output, a_try_is_gone_on_with)
{
	struct output *o = named("f");

	cr_assert_eq(held(o), 0);
	made_write(o, 0, "abc");
	cr_assert(output_suspend(o));
	cr_assert_eq(held(o), 3);
	made_write(o, 3, "def");
	cr_assert(output_suspend(o));
	cr_assert_eq(output_written(o), 6);
	made_says(made_not_open(o, 3, NULL), "f", "6 bytes are there to be continued, not 3");
	made_says(made_not_open(o, 7, NULL), "f", "6 bytes are there to be continued, not 7");
	made_write(o, 6, "g");
	made_commit(o);
	cr_assert_eq(held(o), 0);
	cr_assert_str_eq(folder_get("f"), "abcdefg");
	output_free(o);
}

Test(output, a_try_is_started_over)
{
	struct output *o = named("f");

	made_write(o, 0, "abcdef");
	cr_assert(output_suspend(o));
	made_write(o, 0, "XY");
	cr_assert_eq(output_written(o), 2);
	made_commit(o);
	cr_assert_str_eq(folder_get("f"), "XY");
	output_free(o);
}

Test(output, what_the_next_try_is_to_match_is_known)
{
	struct validator *v = calloc(1, sizeof *v);
	struct output *o = named("f");
	bool foreign = true;

	made_write(o, 0, "abc");
	cr_assert(output_suspend(o));
	cr_assert_eq(output_held(o, v, &foreign), 3);
	cr_assert_str_eq(v->etag, "\"v1\"");
	cr_assert_str_eq(v->last_modified, "");
	cr_assert_str_eq(v->url, "http://h/name.bin");
	cr_assert_eq(v->total, 10);
	cr_assert_not(foreign);
	made_write_bare(o, 3, "d");
	cr_assert(output_suspend(o));
	cr_assert_eq(output_held(o, v, &foreign), 4);
	cr_assert_str_eq(v->etag, "");
	cr_assert_str_eq(v->url, "");
	cr_assert_eq(v->total, UINT64_MAX);
	output_free(o);
	free(v);
}

Test(output, an_old_sink_takes_nothing_more)
{
	struct output *o = named("f");
	struct stream *sink = output_open(o, 0, NULL, NULL, &why);
	size_t n;

	cr_assert(output_suspend(o));
	cr_assert_eq(stream_write(sink, "x", 1, &n, &why), IO_FAILED);
	made_says(&why, "f", "not open for writing");
	output_free(o);
}

Test(output, the_sinks_descriptor_can_be_read)
{
	struct output *o = named("f");
	char got[4] = "";
	int fd;

	made_write(o, 0, "abc");
	fd = stream_raw_fd(&o->sink.stream, STREAM_WRITE);
	cr_assert_eq(pread(fd, got, 3, 0), 3);
	cr_assert_str_eq(got, "abc");
	output_free(o);
}

Test(output, nothing_was_opened)
{
	struct output_options options = made_options(OUTPUT_DISPOSITION, NULL);
	struct output *o = named("f");

	cr_assert_not(output_commit(o, -1, &why));
	cr_assert_eq(why.class, FAILURE_OTHER);
	output_free(o);
	o = made(&options);
	cr_assert_not(output_commit(o, -1, &why));
	cr_assert_str_eq(why.text, "output: nothing was written to it");
	output_free(o);
	cr_assert_str_eq(folder_list(), "");
}

Test(output, the_proposed_name_stays_over_several_tries)
{
	struct output_options options = made_options(OUTPUT_DISPOSITION, NULL);
	struct output *o = made(&options);
	struct stream *sink = output_open(o, 0, "first", made_validator(), &why);
	size_t n;

	cr_assert_eq(stream_write(sink, "abc", 3, &n, &why), IO_DONE);
	cr_assert(output_suspend(o));
	cr_assert(output_open(o, 3, "second", made_validator(), &why));
	cr_assert_str_eq(output_name(o), folder_path("first"));
	made_commit(o);
	cr_assert_str_eq(folder_list(), "first");
	output_free(o);
}

Test(output, a_full_disk_leaves_nothing)
{
	struct rlimit limit = { 4, 4 };
	struct output *o;
	size_t n;

	folder_put("f", "old and long");
	signal(SIGXFSZ, SIG_IGN);
	o = named("f");
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	made_write(o, 0, "abcd");
	cr_assert_eq(stream_write(&o->sink.stream, "e", 1, &n, &why), IO_FAILED);
	made_says(&why, "f", "File too large");
	cr_assert_eq(output_abandon(o, false), NULL);
	cr_assert_str_eq(folder_list(), "f");
	cr_assert_str_eq(folder_get("f"), "old and long");
	output_free(o);
}

Test(output, every_descriptor_is_closed)
{
	struct output_options options = made_options(OUTPUT_FILE, "f");
	unsigned before;

	/* The folder is kept open for the next. */
	output_free(named("f"));
	before = folder_descriptors();
	for (int i = 0; i < 4; i++) {
		struct output *o;

		options.continuing = i & 1;
		o = made(&options);
		made_write(o, 0, "abc");
		if (i & 2)
			made_commit(o);
		output_free(o);
		cr_assert_eq(folder_descriptors(), before, "%d", i);
		unlink(folder_path("f"));
	}
}

/* --- devices, FIFOs, inherited descriptors ---------------------------------- */

static struct output *special(const char *file)
{
	struct output *o = named(file);

	cr_assert_not(output_is_regular(o));
	cr_assert_not(output_target_time(o, &(int64_t){ 0 }));
	return o;
}

Test(output, a_device)
{
	struct output *o = special("/dev/null");
	struct stat status;

	made_write(o, 0, "gone");
	cr_assert_eq(output_written(o), 4);
	cr_assert_not(output_suspend(o));
	cr_assert_eq(held(o), 0);
	cr_assert_str_eq(made_not_open(o, 0, NULL)->text,
			 "/dev/null: cannot be continued at a position");
	made_commit(o);
	output_free(o);
	cr_assert_eq(stat("/dev/null", &status), 0);
	cr_assert(S_ISCHR(status.st_mode));
}

Test(output, a_device_that_is_full)
{
	struct output *o = special("/dev/full");
	struct stream *sink = output_open(o, 0, NULL, made_validator(), &why);
	size_t n;

	cr_assert_eq(stream_write(sink, "x", 1, &n, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, "/dev/full: No space left on device");
	cr_assert_eq(output_abandon(o, true), NULL);
	output_free(o);
}

Test(output, a_device_nothing_was_written_to)
{
	struct output *o = special("/dev/null");

	made_write(o, 0, "");
	cr_assert(output_suspend(o));
	made_write(o, 0, "x");
	made_commit(o);
	output_free(o);
}

Test(output, a_fifo)
{
	struct output *o;
	char got[4] = "";
	int reader;

	cr_assert_eq(mkfifo(folder_path("f"), 0666), 0);
	o = special("f");
	made_says(made_not_open(o, 0, NULL), "f", "nobody reads it");
	cr_assert_eq(made_not_open(o, 0, NULL)->error, ENXIO);
	reader = open(folder_path("f"), O_RDONLY | O_NONBLOCK);
	made_write(o, 0, "abc");
	cr_assert_eq(read(reader, got, 3), 3);
	cr_assert_str_eq(got, "abc");
	made_commit(o);
	cr_assert_eq(read(reader, got, 1), 0);
	output_free(o);
	cr_assert_str_eq(folder_list(), "f");
	o = special("f");
	made_write(o, 0, "abc");
	cr_assert_eq(output_abandon(o, true), NULL);
	output_free(o);
	cr_assert_str_eq(folder_list(), "f");
	close(reader);
}

Test(output, a_fifo_whose_reader_left)
{
	struct output *o;
	struct stream *sink;
	int reader;
	size_t n;

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(mkfifo(folder_path("f"), 0666), 0);
	reader = open(folder_path("f"), O_RDONLY | O_NONBLOCK);
	o = special("f");
	sink = output_open(o, 0, NULL, NULL, &why);
	close(reader);
	cr_assert_eq(stream_write(sink, "x", 1, &n, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_READER_GONE);
	output_free(o);
}

Test(output, an_inherited_descriptor_is_written_where_it_is)
{
	char name[30];
	struct output *o;
	int fd;

	folder_put("f", "older");
	fd = open(folder_path("f"), O_WRONLY | O_APPEND);
	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	o = special(name);
	made_write(o, 0, " and newer");
	made_commit(o);
	output_free(o);
	cr_assert_str_eq(folder_get("f"), "older and newer");
	cr_assert_eq(fcntl(fd, F_GETFD), 0);
	close(fd);
}

static void not_written(int fd)
{
	char name[30], text[60];
	struct output *o;

	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	snprintf(text, sizeof text, "%s: Bad file descriptor", name);
	o = special(name);
	cr_assert_str_eq(made_not_open(o, 0, NULL)->text, text);
	output_free(o);
}

Test(output, descriptors_of_our_own_are_nobodys_output)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	not_written(fd);
	close(fd);
	not_written(fd);
}

Test(output, what_closing_a_device_says)
{
	struct output *o = special("/dev/null");

	made_write(o, 0, "x");
	output_faults.close = EIO;
	cr_assert_str_eq(made_not_commit(o)->text, "/dev/null: Input/output error");
	output_free(o);
}

Test(output, every_other_descriptor_is_closed_too)
{
	unsigned before = folder_descriptors();
	struct output *o;

	for (int commit = 0; commit < 2; commit++) {
		o = special("/dev/null");
		made_write(o, 0, "x");
		if (commit)
			made_commit(o);
		output_free(o);
	}
	/* What the output keeps is the folder /dev. */
	cr_assert_leq(folder_descriptors(), before + 1);
}

/* --- standard output -------------------------------------------------------- */

static int piped_stdout(void)
{
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_geq(dup2(ends[1], STDOUT_FILENO), 0);
	close(ends[1]);
	return ends[0];
}

static struct output *standard(void)
{
	struct output_options options = made_options(OUTPUT_STDOUT, NULL);

	return made(&options);
}

Test(output, standard_output_stays_open_for_the_next)
{
	struct output *o;
	char got[8] = "";
	int reader = piped_stdout();

	for (int i = 0; i < 2; i++) {
		o = standard();
		made_write(o, 0, i ? "def" : "abc");
		made_commit(o);
		output_free(o);
	}
	o = standard();
	made_write(o, 0, "g");
	cr_assert_eq(output_abandon(o, true), NULL);
	output_free(o);
	cr_assert_eq(read(reader, got, 8), 7);
	cr_assert_str_eq(got, "abcdefg");
	cr_assert(output_stdout_close(&why));
	cr_assert_eq(read(reader, got, 8), 0);
}

Test(output, standard_output_cannot_be_taken_back)
{
	int reader = piped_stdout();
	struct output *o = standard();

	made_write(o, 0, "");
	cr_assert(output_suspend(o));
	made_write(o, 0, "abc");
	cr_assert_not(output_suspend(o));
	cr_assert_eq(held(o), 0);
	cr_assert_str_eq(made_not_open(o, 0, NULL)->text,
			 "standard output: cannot be continued at a position");
	cr_assert_str_eq(made_not_open(o, 3, NULL)->text,
			 "standard output: cannot be continued at a position");
	output_free(o);
	close(reader);
	output_stdout_close(&why);
}

/* A pseudo-terminal as standard output; returns its other end. */
static int terminal_stdout(void)
{
	int other = posix_openpt(O_RDWR | O_NOCTTY), terminal;

	cr_assert_geq(other, 0);
	cr_assert_eq(grantpt(other), 0);
	cr_assert_eq(unlockpt(other), 0);
	terminal = open(ptsname(other), O_RDWR | O_NOCTTY);
	cr_assert_geq(terminal, 0);
	cr_assert_geq(dup2(terminal, STDOUT_FILENO), 0);
	close(terminal);
	return other;
}

Test(output, a_terminal_gets_no_binary)
{
	int other = terminal_stdout();
	struct output *o = standard();
	struct stream *sink = output_open(o, 0, NULL, NULL, &why);
	char got[8] = "";
	size_t n;

	cr_assert_eq(stream_write(sink, "\0", 1, &n, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, "binary data; -o FILE saves it, -o - shows it anyway");
	output_free(o);
	o = standard();
	made_write(o, 0, "text");
	output_free(o);
	cr_assert_eq(read(other, got, 8), 4);
	cr_assert_str_eq(got, "text");
	cr_assert(output_stdout_close(&why));
}

Test(output, unless_it_was_asked_for)
{
	struct output_options options = made_options(OUTPUT_STDOUT, NULL);
	int other = terminal_stdout();
	struct output *o;
	struct stream *sink;
	char got[8] = "";
	size_t n;

	options.binary_to_terminal = true;
	o = made(&options);
	sink = output_open(o, 0, NULL, NULL, &why);
	cr_assert_eq(stream_write(sink, "a\0b", 3, &n, &why), IO_DONE);
	output_free(o);
	cr_assert_eq(read(other, got, 8), 3);
	cr_assert_eq(memcmp(got, "a\0b", 3), 0);
	cr_assert(output_stdout_close(&why));
}
