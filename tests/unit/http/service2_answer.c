/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/http/service2_answer.c
 * Holds: the head of an answer, its names in lower case; none of the body to HEAD, with 204 and
 * 304; pieces of bytes and files, over several frames, as the client's windows allow; a client that
 * does not read holds up what is made; a file that becomes shorter resets the stream.
 */
#include "http2_asking.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct asking a;

static void set_up(void)
{
	asking_init(&a);
}

static void tear_down(void)
{
	asking_stop(&a);
}

TestSuite(service2_answer, .init = set_up, .fini = tear_down);

/* Without the line of the date. */
static const char *fields_of_answer(void)
{
	static char text[1000];
	const char *fields, *date, *end;

	peer_expect(&a.ears, NGHTTP2_HEADERS);
	fields = peer_fields(&a.ears);
	date = strstr(fields, "date: ");
	cr_assert_not_null(date);
	end = strchr(date, '\n') + 1;
	cr_assert_eq(end - date, strlen("date: Sun, 06 Nov 1994 08:49:37 GMT\n"));
	snprintf(text, sizeof text, "%.*s%s", (int)(date - fields), fields, end);
	return text;
}

static void ask(int32_t id, const char *method)
{
	char fields[200];

	snprintf(fields, sizeof fields, ":method: %s\n:scheme: http\n:path: /a\n:authority: a\n",
		 method);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, id, fields);
}

Test(service2_answer, its_head)
{
	a.answer.status = 404;
	a.answer.fields =
		"Content-Type: text/plain; charset=utf-8\r\nX-Empty:\r\nETag: \"a:b\"\r\n";
	a.answer.fields_length = strlen(a.answer.fields);
	asking_start(&a);
	ask(1, "GET");
	cr_assert_str_eq(fields_of_answer(),
			 ":status: 404\ncontent-length: 5\ncontent-type: text/plain; "
			 "charset=utf-8\nx-empty: \netag: \"a:b\"\n");
}

Test(service2_answer, to_head)
{
	asking_start(&a);
	ask(1, "HEAD");
	cr_assert_str_eq(fields_of_answer(), ":status: 200\ncontent-length: 5\n");
	cr_assert(peer_none(&a.ears, NGHTTP2_DATA));
	cr_assert_str_eq(asking_log(&a), "request HEAD /a\n host: a\nreceived 0\nover 1 200 0\n");
}

Test(service2_answer, without_a_body)
{
	a.answer.piece_count = 0;
	asking_start(&a);
	ask(1, "GET");
	cr_assert_str_eq(fields_of_answer(), ":status: 200\ncontent-length: 0\n");
	a.answer.status = 304;
	ask(3, "GET");
	cr_assert_str_eq(fields_of_answer(), ":status: 304\n");
	a.answer.status = 204;
	ask(5, "GET");
	cr_assert_str_eq(fields_of_answer(), ":status: 204\n");
	cr_assert(peer_none(&a.ears, NGHTTP2_DATA));
}

Test(service2_answer, a_status_that_forbids_the_body)
{
	a.answer.status = 304;
	asking_start(&a);
	ask(1, "GET");
	cr_assert_str_eq(fields_of_answer(), ":status: 304\n");
	cr_assert(peer_none(&a.ears, NGHTTP2_DATA));
}

static FILE *file_of(size_t length)
{
	FILE *file = tmpfile();

	cr_assert_not_null(file);
	for (size_t i = 0; i < length; i++)
		cr_assert_neq(fputc('a' + (int)(i % 26), file), EOF);
	cr_assert_eq(fflush(file), 0);
	return file;
}

static void open_windows(int32_t stream)
{
	asking_number(&a, NGHTTP2_WINDOW_UPDATE, 0, 1 << 30);
	asking_number(&a, NGHTTP2_WINDOW_UPDATE, stream, 1 << 30);
}

/* Reads DATA frames to the end: how many; the body goes into out. */
static unsigned frames_read(struct buffer *out)
{
	unsigned count = 0;
	struct peer_frame f;

	do {
		f = peer_expect(&a.ears, NGHTTP2_DATA);
		cr_assert_leq(f.length, 16384 - 9);
		cr_assert(!f.length || buffer_add(out, f.payload, f.length));
		count++;
	} while (!(f.flags & NGHTTP2_FLAG_END_STREAM));
	return count;
}

Test(service2_answer, pieces_of_bytes_and_files)
{
	FILE *file = file_of(300000);
	const struct http_service_piece pieces[] = {
		{ .bytes = "start", .length = 5 },
		{ .fd = fileno(file), .offset = 26, .length = 260000 },
		{ .bytes = "", .length = 0 },
		{ .fd = fileno(file), .offset = 25, .length = 1 },
		{ .bytes = "end", .length = 3 },
	};
	struct buffer body = { 0 };
	const char *bytes;

	a.answer.pieces = pieces;
	a.answer.piece_count = 5;
	asking_start(&a);
	ask(1, "GET");
	open_windows(1);
	cr_assert_str_eq(fields_of_answer(), ":status: 200\ncontent-length: 260009\n");
	frames_read(&body);
	cr_assert_eq(body.length, 260009);
	bytes = buffer_bytes(&body);
	cr_assert_not(memcmp(bytes, "start", 5));
	for (size_t i = 0; i < 260000; i++)
		cr_assert_eq(bytes[5 + i], (char)('a' + i % 26));
	cr_assert_not(memcmp(bytes + 260005, "zend", 4));
	buffer_free(&body);
	fclose(file);
}

/* A frame and its head are a record of TLS. */
Test(service2_answer, frames_of_sixteen_kibibytes)
{
	static char large[4 * (16384 - 9)];
	const struct http_service_piece piece = { .bytes = large, .length = sizeof large };
	struct buffer body = { 0 };

	a.answer.pieces = &piece;
	asking_start(&a);
	ask(1, "GET");
	cr_assert_eq(frames_read(&body), 4);
	cr_assert_eq(body.length, sizeof large);
	buffer_free(&body);
}

Test(service2_answer, as_the_windows_allow)
{
	static char large[100000];
	const struct http_service_piece piece = { .bytes = large, .length = sizeof large };
	struct peer_frame f;
	size_t came = 0;

	a.answer.pieces = &piece;
	asking_start(&a);
	ask(1, "GET");
	while (peer_next(&a.ears, &f))
		came += f.type == NGHTTP2_DATA ? f.length : 0;
	cr_assert_eq(came, 65535);
	asking_number(&a, NGHTTP2_WINDOW_UPDATE, 0, 10);
	asking_number(&a, NGHTTP2_WINDOW_UPDATE, 1, 100);
	f = peer_expect(&a.ears, NGHTTP2_DATA);
	cr_assert_eq(f.length, 10);
	open_windows(1);
	while (peer_next(&a.ears, &f))
		came += f.type == NGHTTP2_DATA ? f.length : 0;
	cr_assert_eq(came, sizeof large - 10);
	cr_assert_str_eq(asking_log(&a),
			 "request GET /a\n host: a\nreceived 0\nover 1 200 100000\n");
}

Test(service2_answer, a_client_that_does_not_read)
{
	FILE *file = tmpfile();
	const struct http_service_piece piece = { .fd = fileno(file), .length = 1 << 28 };

	cr_assert_eq(ftruncate(fileno(file), 1 << 28), 0);
	a.answer.pieces = &piece;
	asking_start(&a);
	a.deaf = true;
	ask(1, "GET");
	open_windows(1);
	cr_assert_eq(a.service->wait, STREAM_READ | STREAM_WRITE);
	cr_assert_leq(http_service2_of(a.service)->out.length, HTTP_SERVICE_OUT);
	cr_assert_lt(a.service->sent, 1 << 24);
	/* It is still listened to. */
	asking_log(&a);
	asking_number(&a, NGHTTP2_RST_STREAM, 1, NGHTTP2_CANCEL);
	cr_assert(strstr(asking_log(&a), ": the stream was reset (CANCEL)\n"));
	fclose(file);
}

Test(service2_answer, a_file_that_becomes_shorter)
{
	FILE *file = file_of(1000);
	const struct http_service_piece piece = { .fd = fileno(file), .length = 2000 };
	struct peer_frame f;

	a.answer.pieces = &piece;
	asking_start(&a);
	ask(1, "GET");
	f = peer_expect(&a.ears, NGHTTP2_RST_STREAM);
	cr_assert_eq(f.stream, 1);
	cr_assert_eq(peer_number(&f, 0), NGHTTP2_INTERNAL_ERROR);
	cr_assert_str_eq(asking_log(&a),
			 "request GET /a\n host: a\nreceived 0\n"
			 "over 1 200 0: the file became shorter while it was sent\n");
	/* Others are not touched. */
	a.answer.piece_count = 0;
	ask(3, "GET");
	asking_expect_answer(&a, 3, "200 ");
	fclose(file);
}
