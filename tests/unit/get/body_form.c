/* SPDX-License-Identifier: MIT */
/* tests/unit/get/body_form.c
 * Holds: texts, files and files' texts as RFC 7578 says, with the length that was announced; a
 * boundary of its own each time; names quoted as browsers do; types by name or as given; what is
 * malformed, has controls in a name or a type, or cannot be read is told by the part. */
#include "get_folder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/get/body_parts.h>

TestSuite(body_form, .init = folder_begin, .fini = folder_end);

static struct failure why;

static const char *boundary_of(const struct get_body *body)
{
	static const char before[] = "multipart/form-data; boundary=";
	const char *type = get_body_type(body);

	cr_assert_eq(strncmp(type, before, strlen(before)), 0);
	return type + strlen(before);
}

/* All bytes, every boundary as "B". */
static const char *content(const struct get_body *body, struct stream *s)
{
	static struct buffer shown;
	struct buffer all = { 0 };
	const char *boundary = boundary_of(body), *at, *found;
	char block[100];
	size_t n;

	while (stream_read(s, block, sizeof block, &n, &why) == IO_DONE)
		buffer_add(&all, block, n);
	stream_free(s);
	cr_assert_eq(get_body_length(body), (int64_t)all.length);
	buffer_free(&shown);
	at = buffer_text(&all);
	for (; (found = strstr(at, boundary)); at = found + strlen(boundary)) {
		buffer_add(&shown, at, (size_t)(found - at));
		buffer_add(&shown, "B", 1);
	}
	buffer_add(&shown, at, strlen(at));
	buffer_free(&all);
	return buffer_text(&shown);
}

static void form_is(const char *const *parts, size_t count, const char *expected)
{
	struct get_body *body = get_body_form(parts, count, &why);

	cr_assert(body, "%s", why.text);
	cr_assert(get_body_repeatable(body));
	cr_assert_str_eq(content(body, get_body_open(body, &why)), expected);
	get_body_free(body);
}

static const char *part(const char *name, const char *file, const char *behind)
{
	static char texts[4][300];
	static unsigned next;
	char *text = texts[next++ % 4];

	snprintf(text, sizeof texts[0], "%s%s%s", name, folder_path(file), behind);
	return text;
}

static void one_is(const char *text, const char *expected)
{
	form_is(&text, 1, expected);
}

Test(body_form, texts)
{
	const char *const parts[] = { "a=1", "b=", "c=x;type=text/plain\r\n&=" };

	form_is(parts, 3,
		"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
		"--B\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n\r\n"
		"--B\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\n"
		"x;type=text/plain\r\n&=\r\n"
		"--B--\r\n");
	form_is(parts, 0, "--B--\r\n");
}

Test(body_form, a_file)
{
	folder_put("f.txt", "file");
	one_is(part("a=@", "f.txt", ""),
	       "--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f.txt\"\r\n"
	       "Content-Type: text/plain\r\n\r\nfile\r\n--B--\r\n");
	one_is(part("a=@", "f.txt", ";type=x/y; z=1;filename=n;m"),
	       "--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"n;m\"\r\n"
	       "Content-Type: x/y; z=1\r\n\r\nfile\r\n--B--\r\n");
	one_is(part("a=@", "f.txt", ";filename=n.html;type=x/y"),
	       "--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"n.html\"\r\n"
	       "Content-Type: x/y\r\n\r\nfile\r\n--B--\r\n");
	folder_put("odd;name", "");
	one_is(part("a=@", "odd;name", ""),
	       "--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"odd;name\"\r\n"
	       "Content-Type: application/octet-stream\r\n\r\n\r\n--B--\r\n");
}

Test(body_form, a_files_text)
{
	folder_put("f.txt", "file\n");
	one_is(part("a=<", "f.txt", ""),
	       "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nfile\n\r\n--B--\r\n");
	one_is(part("a=<", "f.txt", ";type=x/y"),
	       "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n"
	       "Content-Type: x/y\r\n\r\nfile\n\r\n--B--\r\n");
}

Test(body_form, standard_input)
{
	const char *const twice[] = { "a=@-", "b=<-" };
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], "in", 2), 2);
	close(ends[1]);
	cr_assert_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	one_is("a=@-", "--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"-\"\r\n"
		       "Content-Type: application/octet-stream\r\n\r\nin\r\n--B--\r\n");
	cr_assert_eq(get_body_form(twice, 2, &why), NULL);
	cr_assert_str_eq(why.text, "@-: standard input can be sent once only");
}

Test(body_form, names_are_quoted)
{
	folder_put("a\"b\r\nc%\\", "");
	one_is("n\"a\u00fcm%e\\=v",
	       "--B\r\nContent-Disposition: form-data; name=\"n%22a\u00fcm%e\\\"\r\n\r\nv\r\n"
	       "--B--\r\n");
	one_is(part("a=@", "a\"b\r\nc%\\", ";type=x/y"),
	       "--B\r\nContent-Disposition: form-data; name=\"a\"; "
	       "filename=\"a%22b%0D%0Ac%\\\"\r\nContent-Type: x/y\r\n\r\n\r\n--B--\r\n");
	one_is(part("a=@", "a\"b\r\nc%\\", ";type=x/y;filename=\r\n\""),
	       "--B\r\nContent-Disposition: form-data; name=\"a\"; "
	       "filename=\"%0D%0A%22\"\r\nContent-Type: x/y\r\n\r\n\r\n--B--\r\n");
}

Test(body_form, each_has_its_boundary)
{
	const char *const parts[] = { "a=1" };
	struct get_body *one = get_body_form(parts, 1, &why);
	struct get_body *two = get_body_form(parts, 1, &why);
	const char *boundary = boundary_of(one);

	cr_assert_str_neq(boundary, boundary_of(two));
	cr_assert_eq(strlen(boundary), 48);
	cr_assert_eq(strspn(boundary, "-abcdefghijklmnopqrstuvwxyz0123456789"), 48);
	get_body_free(one);
	get_body_free(two);
}

static void wrong(const char *text, enum failure_class class, const char *message)
{
	const char *const parts[] = { "a=1", text };

	cr_assert_eq(get_body_form(parts, 2, &why), NULL, "%s", text);
	cr_assert_eq(why.class, class);
	cr_assert_str_eq(why.text, message);
}

Test(body_form, malformed_parts)
{
	wrong("a", FAILURE_USAGE,
	      "--form a: is not NAME=TEXT, NAME=@FILE[;type=T][;filename=N] or NAME=<FILE");
	wrong("", FAILURE_USAGE,
	      "--form : is not NAME=TEXT, NAME=@FILE[;type=T][;filename=N] or NAME=<FILE");
	wrong("=x", FAILURE_USAGE,
	      "--form =x: is not NAME=TEXT, NAME=@FILE[;type=T][;filename=N] or NAME=<FILE");
	wrong("a\n=x", FAILURE_USAGE, "--form a\n=x: a control character is in the name");
	wrong("\177=x", FAILURE_USAGE, "--form \177=x: a control character is in the name");
	wrong("a=@", FAILURE_USAGE, "--form a=@: no file is named");
	wrong("a=<", FAILURE_USAGE, "--form a=<: no file is named");
	wrong("a=@;type=x/y", FAILURE_USAGE, "--form a=@;type=x/y: no file is named");
	wrong("a=@f;type=", FAILURE_USAGE, "--form a=@f;type=: type= is empty");
	wrong("a=@f;filename=;type=x/y", FAILURE_USAGE,
	      "--form a=@f;filename=;type=x/y: filename= is empty");
	wrong("a=@f;type=x/y;type=x/y", FAILURE_USAGE,
	      "--form a=@f;type=x/y;type=x/y: type= is there twice");
	wrong("a=@f;filename=x;filename=y", FAILURE_USAGE,
	      "--form a=@f;filename=x;filename=y: filename= is there twice");
	wrong("a=@f;type=text", FAILURE_USAGE,
	      "--form a=@f;type=text: type= is no media type, such as text/plain");
	wrong("a=@f;type=x/y\r\nX: z", FAILURE_USAGE,
	      "--form a=@f;type=x/y\r\nX: z: type= is no media type, such as text/plain");
	wrong("a=<f;filename=x", FAILURE_USAGE,
	      "--form a=<f;filename=x: filename= belongs to an upload, NAME=@FILE");
}

Test(body_form, a_file_that_cannot_be_read)
{
	char message[300];

	snprintf(message, sizeof message, "%s: No such file or directory", folder_path("f"));
	wrong(part("a=@", "f", ";filename=x"), FAILURE_INPUT, message);
}
