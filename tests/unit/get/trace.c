/* SPDX-License-Identifier: MIT */
/*
 * Holds: lines of heads behind their signs; bodies as one size a run, told when something else
 * follows or at the end; values of the four secret fields are ***, in any case of their names;
 * control characters do not come through; long lines are cut; numbers in front where transfers
 * share a trace; a file is made anew for its owner alone, and what cannot be written is a failure.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/get/trace.h>

static void add(struct buffer *out, struct trace_source *source, bool sent, const char *text)
{
	cr_assert(trace_format(out, source, sent, text, strlen(text)));
}

static void expect(struct buffer *out, const char *text)
{
	cr_assert_str_eq(buffer_text(out), text);
	buffer_free(out);
}

Test(trace, heads_and_bodies)
{
	struct trace_source source = { 0 };
	struct buffer out = { 0 };

	add(&out, &source, true, "POST /a HTTP/1.1\r\nHost: h\r\n\r\n");
	trace_format(&out, &source, true, NULL, 4000);
	trace_format(&out, &source, true, NULL, 96);
	add(&out, &source, false, "HTTP/1.1 200 OK\nA: b\n\n");
	trace_format(&out, &source, false, NULL, 5);
	trace_format(&out, &source, false, NULL, 0);
	cr_assert(trace_format_end(&out, &source));
	cr_assert(trace_format_end(&out, &source));
	expect(&out, "> POST /a HTTP/1.1\n> Host: h\n> \n} 4096 bytes\n"
		     "< HTTP/1.1 200 OK\n< A: b\n< \n{ 5 bytes\n");
}

Test(trace, secrets_are_not_shown)
{
	struct trace_source source = { 0 };
	struct buffer out = { 0 };

	add(&out, &source, true,
	    "GET / HTTP/1.1\r\nAuthorization: Basic hush\r\ncookie:a=hush\r\n"
	    "PROXY-AUTHORIZATION: hush\r\nCookies: seen\r\n\r\n");
	add(&out, &source, false, "HTTP/1.1 200 OK\r\nSet-Cookie: a=hush; Path=/\r\n\r\n");
	expect(&out, "> GET / HTTP/1.1\n> Authorization: ***\n> cookie: ***\n"
		     "> PROXY-AUTHORIZATION: ***\n> Cookies: seen\n> \n"
		     "< HTTP/1.1 200 OK\n< Set-Cookie: ***\n< \n");
}

Test(trace, control_characters_do_not_come_through)
{
	struct trace_source source = { 0 };
	struct buffer out = { 0 };
	static const char line[] = "A: \x1b[31m\rb\0c\x9b\n";

	cr_assert(trace_format(&out, &source, false, line, sizeof line - 1));
	expect(&out, "< A: \\x1b[31m\\x0db\\x00c\\x9b\n");
}

Test(trace, long_lines_are_cut)
{
	struct trace_source source = { 0 };
	struct buffer out = { 0 };
	char line[20000];

	memset(line, 'x', sizeof line);
	cr_assert(trace_format(&out, &source, false, line, sizeof line));
	cr_assert_eq(out.length, 2 + 8192 + 3 + 1);
	cr_assert_str_eq(buffer_text(&out) + 2 + 8190, "xx...\n");
	buffer_free(&out);
}

Test(trace, numbers)
{
	struct trace_source one = { .number = 1 }, two = { .number = 22 };
	struct buffer out = { 0 };

	add(&out, &one, true, "GET / HTTP/1.1\r\n\r\n");
	trace_format(&out, &two, false, NULL, 7);
	trace_format_end(&out, &two);
	expect(&out, "[1] > GET / HTTP/1.1\n[1] > \n[22] { 7 bytes\n");
}

static char folder[] = "/tmp/trace.XXXXXX";

static void make_folder(void)
{
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

static void remove_folder(void)
{
	unlink("t");
	cr_assert_eq(chdir("/"), 0);
	rmdir(folder);
}

Test(trace, a_file_is_made_anew, .init = make_folder, .fini = remove_folder)
{
	struct trace_source source = { 0 };
	struct failure why = { 0 };
	int fd = open("t", O_WRONLY | O_CREAT, 0600);
	char text[100];
	struct trace *t;
	struct stat st;
	ssize_t n;

	cr_assert_eq(write(fd, "what was there", 14), 14);
	close(fd);
	unlink("t");
	t = trace_open("t", &why);
	cr_assert_not_null(t);
	cr_assert(trace_add(t, &source, true, "GET / HTTP/1.1\r\n", 16, &why));
	cr_assert(trace_add(t, &source, false, NULL, 5, &why));
	cr_assert(trace_end(t, &source, &why));
	cr_assert(trace_close(t, &why));
	fd = open("t", O_RDONLY);
	fstat(fd, &st);
	cr_assert_eq(st.st_mode & 07777, 0600);
	n = read(fd, text, sizeof text);
	close(fd);
	cr_assert_eq(n, 27);
	cr_assert_eq(memcmp(text, "> GET / HTTP/1.1\n{ 5 bytes\n", 27), 0);
}

Test(trace, a_file_that_cannot_be_made)
{
	struct failure why = { 0 };

	cr_assert_null(trace_open("/nonexistent/t", &why));
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, "--trace: /nonexistent/t: No such file or directory");
}

Test(trace, a_full_disk)
{
	struct trace_source source = { 0 };
	struct failure why = { 0 };
	struct trace *t;

	if (access("/dev/full", W_OK) < 0)
		cr_skip_test("no /dev/full");
	t = trace_open("/dev/full", &why);
	cr_assert_not(trace_add(t, &source, true, "GET", 3, &why));
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, "--trace: /dev/full: No space left on device");
	cr_assert(trace_close(t, &why));
}

Test(trace, a_reader_that_is_gone)
{
	struct trace_source source = { 0 };
	struct failure why = { 0 };
	int ends[2], kept = dup(STDOUT_FILENO);
	struct trace *t = trace_open("-", &why);

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(ends), 0);
	close(ends[0]);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	cr_assert_not(trace_add(t, &source, true, "GET", 3, &why));
	dup2(kept, STDOUT_FILENO);
	cr_assert_eq(why.class, FAILURE_READER_GONE);
	cr_assert(trace_close(t, &why), "standard output is not closed");
	cr_assert(trace_close(NULL, &why));
}
