/* SPDX-License-Identifier: MIT */
/* tests/unit/get/body.c
 * Holds: texts and files are joined by '&' with their newlines, at any size; the length is theirs;
 * standard input is taken once; the same for a query is encoded and has to fit into one; JSON is
 * UTF-8, from the command line or a file; an upload of a regular file has a length and may be
 * repeated, of anything else it has none and may not; what cannot be read is told at once. */
#include "get_folder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/get/body_parts.h>
#include <sockutil/proto/url.h>

TestSuite(body, .init = folder_begin, .fini = folder_end);

static struct failure why;

/* All bytes of a body. */
static const char *content(struct get_body *body)
{
	static struct buffer all;
	struct stream *s = get_body_open(body, &why);
	char block[7];
	enum io r;
	size_t n;

	cr_assert(s, "%s", why.text);
	buffer_free(&all);
	while ((r = stream_read(s, block, sizeof block, &n, &why)) == IO_DONE)
		buffer_add(&all, block, n);
	cr_assert_eq(r, IO_END, "%s", why.text);
	cr_assert_eq(stream_read(s, block, sizeof block, &n, &why), IO_END);
	stream_free(s);
	return buffer_text(&all);
}

static const char *at_file(const char *name)
{
	static char text[4][200];
	static unsigned next;
	char *at = text[next++ % 4];

	snprintf(at, sizeof text[0], "@%s", folder_path(name));
	return at;
}

static void stdin_of(const char *text)
{
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
	close(ends[1]);
	cr_assert_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
}

/* --- --data ----------------------------------------------------------------- */

static void data_is(const char *const *pieces, size_t count, const char *expected)
{
	struct get_body *body = get_body_data(pieces, count, &why);

	cr_assert(body, "%s", why.text);
	cr_assert_str_eq(get_body_type(body), "application/x-www-form-urlencoded");
	cr_assert_eq(get_body_length(body), (int64_t)strlen(expected));
	cr_assert(get_body_repeatable(body));
	cr_assert_str_eq(content(body), expected);
	cr_assert_str_eq(content(body), expected);
	get_body_free(body);
}

Test(body, pieces_of_data_are_joined)
{
	const char *pieces[] = { "a=1", "", "b=2 3&%", at_file("f"), "c\n", at_file("g") };

	folder_put("f", "file\r\n");
	folder_put("g", "");
	data_is(pieces, 1, "a=1");
	data_is(pieces, 6, "a=1&&b=2 3&%&file\r\n&c\n&");
	data_is(pieces + 3, 1, "file\r\n");
	data_is(pieces + 5, 1, "");
	data_is(pieces, 0, "");
	get_body_free(NULL);
}

Test(body, texts_are_copied)
{
	char text[] = "abc";
	const char *pieces[] = { text };
	struct get_body *body = get_body_data(pieces, 1, &why);

	memset(text, 'x', 3);
	cr_assert_str_eq(content(body), "abc");
	get_body_free(body);
}

Test(body, standard_input_is_taken_once)
{
	const char *pieces[] = { "a", "@-", "b" }, *twice[] = { "@-", "@-" };

	stdin_of("in\n");
	data_is(pieces, 3, "a&in\n&b");
	cr_assert_eq(get_body_data(twice, 2, &why), NULL);
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, "@-: standard input can be sent once only");
}

Test(body, data_that_cannot_be_read)
{
	const char *pieces[] = { "a", at_file("f") };
	char text[300];

	snprintf(text, sizeof text, "%s: No such file or directory", folder_path("f"));
	cr_assert_eq(get_body_data(pieces, 2, &why), NULL);
	cr_assert_eq(why.class, FAILURE_INPUT);
	cr_assert_str_eq(why.text, text);
}

Test(body, more_than_can_be_counted)
{
	struct body_piece huge[] = {
		{ .kind = BODY_MEMORY, .size = INT64_MAX },
		{ .kind = BODY_MEMORY, .size = 1 },
	};
	struct body_maker m = { 0 };

	m.body = calloc(1, sizeof *m.body);
	m.body->pieces = malloc(sizeof huge);
	memcpy(m.body->pieces, huge, sizeof huge);
	m.body->count = 2;
	cr_assert_eq(body_made(&m, NULL, true, &why), NULL);
	cr_assert_str_eq(why.text, "the files together have more bytes than can be counted");
	cr_assert_eq(why.class, FAILURE_INPUT);
}

/* --- -G --------------------------------------------------------------------- */

Test(body, a_query_is_encoded)
{
	const char *pieces[] = { "a=b c", "d=%20+/?:@!$'()*,;~", "\"#<>[\\]^`{|}\177",
				 at_file("f") };
	struct buffer out = { 0 };

	folder_put("f", "Gr\xc3\xbc\xc3\x9f"
			"e\n");
	cr_assert(buffer_add(&out, "x=y&", 4));
	cr_assert(get_body_query(&out, pieces, 4, &why));
	cr_assert_str_eq(buffer_text(&out), "x=y&a=b%20c&d=%20+/?:@!$'()*,;~&"
					    "%22%23%3C%3E%5B%5C%5D%5E%60%7B%7C%7D%7F&"
					    "Gr%C3%BC%C3%9Fe%0A");
	buffer_free(&out);
}

Test(body, a_query_has_to_fit_and_to_be_read)
{
	struct buffer out = { 0 };
	const char *pieces[] = { at_file("f") };
	char *large = calloc(1, 3 * URL_MAX);

	cr_assert_not(get_body_query(&out, pieces, 1, &why));
	cr_assert_eq(why.class, FAILURE_INPUT);
	memset(large, 'x', 3 * URL_MAX - 1);
	folder_put("f", large);
	cr_assert_not(get_body_query(&out, pieces, 1, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, "--data in an URL (-G): more than 8192 bytes do not fit");
	buffer_free(&out);
	free(large);
}

/* --- --data-json ------------------------------------------------------------ */

static void json_is(const char *text, const char *expected)
{
	struct get_body *body = get_body_json(text, &why);

	cr_assert(body, "%s", why.text);
	cr_assert_str_eq(get_body_type(body), "application/json");
	cr_assert_eq(get_body_length(body), (int64_t)strlen(expected));
	cr_assert_str_eq(content(body), expected);
	get_body_free(body);
}

static void json_is_not(const char *text, enum failure_class class, const char *message)
{
	cr_assert_eq(get_body_json(text, &why), NULL);
	cr_assert_eq(why.class, class);
	cr_assert_str_eq(why.text, message);
}

Test(body, json_is_utf8)
{
	char text[300];

	json_is("{\"a\": \"\u20ac\"}\n", "{\"a\": \"\u20ac\"}\n");
	json_is("", "");
	folder_put("f", "[1]\n");
	json_is(at_file("f"), "[1]\n");
	stdin_of("{}");
	json_is("@-", "{}");
	json_is_not("{\"a\": \"\xfc\"}", FAILURE_USAGE, "--data-json: the text is not UTF-8");
	folder_put("f", "\xff");
	snprintf(text, sizeof text, "%s: is not UTF-8, which JSON is", folder_path("f"));
	json_is_not(at_file("f"), FAILURE_INPUT, text);
	stdin_of("\xff");
	json_is_not("@-", FAILURE_INPUT, "standard input: is not UTF-8, which JSON is");
	snprintf(text, sizeof text, "%s: No such file or directory", folder_path("g"));
	json_is_not(at_file("g"), FAILURE_INPUT, text);
}

/* --- --upload --------------------------------------------------------------- */

Test(body, an_upload_of_a_regular_file)
{
	struct get_body *body;

	folder_put("f", "abc");
	body = get_body_upload(folder_path("f"), &why);
	cr_assert(body);
	cr_assert_eq(get_body_type(body), NULL);
	cr_assert_eq(get_body_length(body), 3);
	cr_assert(get_body_repeatable(body));
	cr_assert_str_eq(content(body), "abc");
	cr_assert_str_eq(content(body), "abc");
	get_body_free(body);
}

Test(body, an_upload_of_standard_input)
{
	struct get_body *body;

	stdin_of("abc");
	body = get_body_upload("-", &why);
	cr_assert(body);
	cr_assert_eq(get_body_length(body), -1);
	cr_assert_not(get_body_repeatable(body));
	cr_assert_str_eq(content(body), "abc");
	cr_assert_eq(get_body_open(body, &why), NULL);
	cr_assert_eq(why.class, FAILURE_INPUT);
	cr_assert_str_eq(why.text, "standard input: cannot be sent a second time");
	get_body_free(body);
}

Test(body, an_upload_of_a_device)
{
	struct get_body *body = get_body_upload("/dev/null", &why);

	cr_assert_eq(get_body_length(body), -1);
	cr_assert_str_eq(content(body), "");
	get_body_free(body);
}

Test(body, an_upload_that_cannot_be_read)
{
	struct get_body *body;
	char text[300];

	snprintf(text, sizeof text, "%s: No such file or directory", folder_path("f"));
	cr_assert_eq(get_body_upload(folder_path("f"), &why), NULL);
	cr_assert_str_eq(why.text, text);
	cr_assert_eq(why.class, FAILURE_INPUT);
	folder_put("f", "abc");
	body = get_body_upload(folder_path("f"), &why);
	unlink(folder_path("f"));
	why.text[0] = '\0';
	cr_assert_eq(get_body_open(body, &why), NULL);
	cr_assert_str_eq(why.text, text);
	get_body_free(body);
}
