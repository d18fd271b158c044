/* SPDX-License-Identifier: MIT */
/* output_made.c - outputs into the test's own folder. */
#include "output_made.h"

#include "get_folder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct failure failure;

void made_begin(void)
{
	folder_begin();
	umask(0);
}

void made_end(void)
{
	folder_end();
}

struct output_options made_options(enum output_naming naming, const char *file)
{
	static char directory[200];

	snprintf(directory, sizeof directory, "%s", folder_path(""));
	return (struct output_options){
		.naming = naming,
		.file = file,
		.directory = directory,
	};
}

static struct output *made_or_not(const struct output_options *options, const char *text)
{
	struct url url;

	failure = (struct failure){ 0 };
	cr_assert(url_parse(&url, text, &failure), "%s", failure.text);
	return output_new(options, &url, &failure);
}

struct output *made_for(const struct output_options *options, const char *url)
{
	struct output *o = made_or_not(options, url);

	cr_assert(o, "%s", failure.text);
	return o;
}

const struct failure *made_not_for(const struct output_options *options, const char *url)
{
	cr_assert_eq(made_or_not(options, url), NULL);
	return &failure;
}

struct output *made(const struct output_options *options)
{
	return made_for(options, "http://h/name.bin");
}

const struct failure *made_not(const struct output_options *options)
{
	return made_not_for(options, "http://h/name.bin");
}

const struct validator *made_validator(void)
{
	static struct validator v = {
		.etag = "\"v1\"",
		.url = "http://h/name.bin",
		.total = 10,
	};

	return &v;
}

static void write_all(struct output *o, uint64_t offset, const struct validator *v,
		      const char *text)
{
	struct stream *sink = output_open(o, offset, NULL, v, &failure);
	size_t n = 0, length = strlen(text);

	cr_assert(sink, "%s", failure.text);
	if (length == 0)
		return;
	cr_assert_eq(stream_write(sink, text, length, &n, &failure), IO_DONE, "%s", failure.text);
	cr_assert_eq(n, length);
}

void made_write(struct output *o, uint64_t offset, const char *text)
{
	write_all(o, offset, made_validator(), text);
}

void made_write_bare(struct output *o, uint64_t offset, const char *text)
{
	write_all(o, offset, NULL, text);
}

const struct failure *made_not_open(struct output *o, uint64_t offset, const char *disposition)
{
	failure = (struct failure){ 0 };
	cr_assert_eq(output_open(o, offset, disposition, made_validator(), &failure), NULL);
	return &failure;
}

void made_commit(struct output *o)
{
	cr_assert(output_commit(o, -1, &failure), "%s", failure.text);
}

const struct failure *made_not_commit(struct output *o)
{
	failure = (struct failure){ 0 };
	cr_assert_not(output_commit(o, -1, &failure));
	return &failure;
}

void made_says(const struct failure *why, const char *name, const char *rest)
{
	char text[1000];

	snprintf(text, sizeof text, "%s: %s", folder_path(name), rest);
	cr_assert_str_eq(why->text, text);
	cr_assert_eq(why->class, FAILURE_OUTPUT);
}
