/* SPDX-License-Identifier: MIT */
/* tests/unit/get/output_validator.c
 * Holds: what is written is read back; each line but the last may be missing; what is no strong
 * etag or could not stand in a request is not written; a text that is cut, longer, in another
 * order, repeated, foreign, too long or with controls is none at all; which validators identify. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/get/output_parts.h>

static const char whole[] = "etag \"a b\"\n"
			    "last-modified Sun, 06 Nov 1994 08:49:37 GMT\n"
			    "total 1000\n"
			    "held 12\n"
			    "url http://h/f\n";

static struct validator *all(void)
{
	struct validator *v = calloc(1, sizeof *v);

	snprintf(v->etag, sizeof v->etag, "\"a b\"");
	snprintf(v->last_modified, sizeof v->last_modified, "Sun, 06 Nov 1994 08:49:37 GMT");
	snprintf(v->url, sizeof v->url, "http://h/f");
	v->total = 1000;
	return v;
}

static const char *text(const struct validator *v, uint64_t held)
{
	static struct buffer out;

	buffer_free(&out);
	cr_assert(output_validator_text(&out, v, held));
	return buffer_text(&out);
}

static bool reads(const char *text)
{
	struct validator v;
	uint64_t held;

	return output_validator_parse(text, strlen(text), &v, &held);
}

Test(output_validator, is_read_as_it_was_written)
{
	struct validator *v = all(), got;
	uint64_t held = 0;

	cr_assert_str_eq(text(v, 12), whole);
	cr_assert(output_validator_parse(whole, strlen(whole), &got, &held));
	cr_assert_str_eq(got.etag, v->etag);
	cr_assert_str_eq(got.last_modified, v->last_modified);
	cr_assert_str_eq(got.url, v->url);
	cr_assert_eq(got.total, 1000);
	cr_assert_eq(held, 12);
	free(v);
}

Test(output_validator, the_url_alone_will_do)
{
	struct validator v, got;
	uint64_t held;

	output_validator_clear(&v);
	snprintf(v.url, sizeof v.url, "http://h/f");
	cr_assert_str_eq(text(&v, UINT64_MAX), "url http://h/f\n");
	cr_assert(output_validator_parse("url http://h/f\n", 15, &got, &held));
	cr_assert_str_eq(got.etag, "");
	cr_assert_str_eq(got.last_modified, "");
	cr_assert_eq(got.total, UINT64_MAX);
	cr_assert_eq(held, UINT64_MAX);
}

Test(output_validator, the_largest_values_fit)
{
	struct validator *v = all(), *got = calloc(1, sizeof *got);
	uint64_t held;
	const char *written;

	memset(v->etag, 'e', sizeof v->etag - 1);
	v->etag[0] = v->etag[sizeof v->etag - 2] = '"';
	memset(v->last_modified, 'm', sizeof v->last_modified - 1);
	memset(v->url, 'u', sizeof v->url - 1);
	v->total = UINT64_MAX - 1;
	written = text(v, UINT64_MAX - 1);
	cr_assert_leq(strlen(written), OUTPUT_VALIDATOR_FILE_MAX);
	cr_assert(output_validator_parse(written, strlen(written), got, &held));
	cr_assert_str_eq(got->etag, v->etag);
	cr_assert_str_eq(got->last_modified, v->last_modified);
	cr_assert_str_eq(got->url, v->url);
	cr_assert_eq(got->total, UINT64_MAX - 1);
	free(v);
	free(got);
}

Test(output_validator, what_could_not_stand_in_a_request_is_not_written)
{
	struct validator *v = all();

	snprintf(v->etag, sizeof v->etag, "W/\"weak\"");
	snprintf(v->last_modified, sizeof v->last_modified, "Sun\r\nX: y");
	cr_assert_str_eq(text(v, UINT64_MAX), "total 1000\nurl http://h/f\n");
	cr_assert_not(output_validator_identifies(v));
	snprintf(v->etag, sizeof v->etag, "\"a\"b\"");
	cr_assert_str_eq(text(v, UINT64_MAX), "total 1000\nurl http://h/f\n");
	snprintf(v->etag, sizeof v->etag, "\"a\nb\"");
	cr_assert_str_eq(text(v, UINT64_MAX), "total 1000\nurl http://h/f\n");
	free(v);
}

Test(output_validator, one_of_two_identifies)
{
	struct validator *v = all();

	cr_assert(output_validator_identifies(v));
	v->etag[0] = '\0';
	cr_assert(output_validator_identifies(v));
	v->last_modified[0] = '\0';
	cr_assert_not(output_validator_identifies(v));
	snprintf(v->etag, sizeof v->etag, "\"\"");
	cr_assert(output_validator_identifies(v));
	snprintf(v->etag, sizeof v->etag, "\"");
	cr_assert_not(output_validator_identifies(v));
	free(v);
}

Test(output_validator, every_cut_is_noticed)
{
	struct validator v;
	uint64_t held;

	for (size_t length = 0; length < strlen(whole); length++)
		cr_assert_not(output_validator_parse(whole, length, &v, &held), "%zu", length);
}

Test(output_validator, anything_else_is_none)
{
	static const char *const wrong[] = {
		"\n",
		"url \n",
		"url  http://h/f\n",
		"url http://h/f",
		"url http://h/a b\n",
		"url http://h/f\r\n",
		"url http://h/f\nurl http://h/f\n",
		"url http://h/f\n\n",
		"url http://h/f\nrest",
		"total 1\ntotal 1\nurl http://h/f\n",
		"total 1\netag \"e\"\nurl http://h/f\n",
		"total -1\nurl http://h/f\n",
		"total +1\nurl http://h/f\n",
		"total 1 \nurl http://h/f\n",
		"total \nurl http://h/f\n",
		"total 18446744073709551615\nurl http://h/f\n",
		"total 18446744073709551616\nurl http://h/f\n",
		"held x\nurl http://h/f\n",
		"etag W/\"e\"\nurl http://h/f\n",
		"etag e\nurl http://h/f\n",
		"etag \"e\nurl http://h/f\n",
		"etag \nurl http://h/f\n",
		"etag \"e\x7f\"\nurl http://h/f\n",
		"etag\t\"e\"\nurl http://h/f\n",
		"last-modified \x1b[1m\nurl http://h/f\n",
		"Url http://h/f\n",
		" url http://h/f\n",
		"comment x\nurl http://h/f\n",
		"\xef\xbb\xbfurl http://h/f\n",
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		cr_assert_not(reads(wrong[i]), "%s", wrong[i]);
	cr_assert(reads("url http://h/f\n"));
	cr_assert(reads("etag \"e\"\nurl http://h/f\n"));
	cr_assert(reads("held 5\nurl http://h/f\n"));
}

Test(output_validator, a_nul_is_no_text)
{
	struct validator v;
	uint64_t held;

	cr_assert_not(output_validator_parse("url a\0b\n", 8, &v, &held));
	cr_assert_not(output_validator_parse("url ab\n\0", 8, &v, &held));
}

Test(output_validator, one_byte_too_long_is_none)
{
	struct buffer b = { 0 };
	struct validator *v = calloc(1, sizeof *v);
	uint64_t held;
	char *value = calloc(1, URL_MAX + 1);

	memset(value, 'x', URL_MAX);
	cr_assert(buffer_format(&b, "url %s\n", value));
	cr_assert_not(output_validator_parse(buffer_bytes(&b), b.length, v, &held));
	buffer_free(&b);
	value[VALIDATOR_TEXT_MAX] = '\0';
	cr_assert(buffer_format(&b, "last-modified %s\nurl u\n", value));
	cr_assert_not(output_validator_parse(buffer_bytes(&b), b.length, v, &held));
	buffer_free(&b);
	free(value);
	free(v);
}
